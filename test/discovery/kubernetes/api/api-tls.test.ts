import { expect, test } from "vitest";
import { callApi } from "../../../../src/discovery/kubernetes/api/api-client.ts";
import { answer, serve } from "../../../fetch/scripted-server.ts";
import { type Certificate, issue, makeAuthority } from "../../../tls/certificate.ts";

const root = makeAuthority();
const middle = issue(root, { name: "middle", names: [], ca: true });
const below = issue(middle);

/** How a request ends that trusts `authority`, and shows a client certificate where there is one. */
async function ask(shown: Certificate, authority: string, client?: { cert: string; key: string }) {
  const server = await serve((socket) => socket.write(answer("{}")), {
    tls: { cert: shown.pem, key: shown.key },
  });
  const text = (pem: string) => ({ kind: "text", pem }) as const;
  const access = {
    server: new URL(server.url),
    authorities: text(authority),
    ...(client && { clientCertificate: { cert: text(client.cert), key: text(client.key) } }),
    insecureSkipVerify: false,
  };
  const timeouts = { connectMs: 2_000, headMs: 2_000, silenceMs: 2_000 };
  const call = { method: "GET", path: "/", timeouts, onBytes: () => undefined } as const;
  const end = await callApi(access, call, AbortSignal.timeout(5_000));
  await server.close();
  return end;
}

test.for([
  ["the intermediate", middle.pem],
  ["the server's own certificate", below.pem],
] as const)("%s is authority enough", async ([, authority]) => {
  expect(await ask(below, authority)).toEqual({ kind: "ok" });
});

test("another authority is refused, in words that name what a cluster has", async () => {
  const end = await ask(below, makeAuthority({ name: "other" }).pem);
  expect(end).toMatchObject({ kind: "fault", reason: "tls" });
  expect("detail" in end && end.detail).toMatch(/not trusted here.*the service account's ca\.crt/);
});

test("a certificate for another name is refused", async () => {
  const end = await ask(issue(root, { names: ["kubernetes"] }), root.pem);
  expect(end).toMatchObject({
    reason: "tls",
    detail: expect.stringContaining("but for kubernetes"),
  });
});

test("a client certificate that cannot be used is named", async () => {
  const end = await ask(below, middle.pem, { cert: root.pem, key: below.key });
  expect(end).toMatchObject({
    reason: "credentials",
    detail: "key given as text: the key does not belong to the certificate",
  });
});
