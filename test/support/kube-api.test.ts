import { once } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { KubeAdmin } from "./kube-admin.ts";
import { KubeApi } from "./kube-api.ts";

/** What the fake server says to bytes on a connection of their own. */
async function answerTo(api: KubeApi, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  onTestFinished(() => {
    socket.destroy();
  });
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  socket.write(bytes);
  await once(socket, "close");
  return text;
}

const BODY = '{"kind":"DeleteOptions","apiVersion":"v1"}';
const PODS = "/api/v1/namespaces/a/pods";

test("a body whose length is not told is read as the next request, and refused", async () => {
  const api = await KubeApi.start();
  const text = await answerTo(api, `DELETE ${PODS} HTTP/1.1\r\nHost: api\r\n\r\n${BODY}`);
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 403", "HTTP/1.1 400"]);
  expect(api.violations).toEqual([`DELETE ${PODS}`, expect.stringMatching(/^framing: /)]);
});

test("a POST without a length is refused", async () => {
  const api = await KubeApi.start();
  const head = `POST ${PODS} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n`;
  expect(await answerTo(api, head)).toContain("HTTP/1.1 400");
  expect(api.violations).toEqual([`framing: POST ${PODS} tells no length of its body`]);
});

test("what tests change a real cluster with tells the length of every body", async () => {
  const api = await KubeApi.start();
  const admin = new KubeAdmin(api.access);
  for (const method of ["DELETE", "PATCH", "POST"] as const) {
    await admin.send(method, PODS, JSON.parse(BODY), [403]);
  }
  await admin.send("DELETE", PODS, undefined, [403]);
  expect(api.violations.filter((what) => what.startsWith("framing"))).toEqual([]);
  expect(api.requests).toHaveLength(4);
});
