import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type tls from "node:tls";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { joinPayloads } from "../../../src/delivery/body/body.ts";
import { HTTP_DEFAULTS } from "../../../src/delivery/delivery-settings.ts";
import { senderOf } from "../../../src/delivery/send/sender-of.ts";
import { answer, type ScriptedServer, serve } from "../../fetch/scripted-server.ts";
import { type Certificate, issue, makeAuthority } from "../../tls/certificate.ts";
import { payloadOf } from "../line-payload.ts";

const authority = makeAuthority();
const shown = issue(authority);
const first = issue(authority, { name: "first", names: [] });
const second = issue(authority, { name: "second", names: [] });
const BODY = joinPayloads("dk_0123456789abcdefghij", [payloadOf(["m,host=h a=1 1"])]);
const NEVER = new AbortController().signal;

let dir = "";
/** Who asked, by the common name of the client certificate. */
const names: string[] = [];
let server: ScriptedServer;
/** Requests wait for it before they are answered. */
let gate = Promise.resolve();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "promline-connections-"));
  server = await serve(
    (socket) => {
      names.push(String((socket as tls.TLSSocket).getPeerCertificate().subject.CN));
      void gate.then(() => socket.write(answer("")));
    },
    {
      tls: {
        ...{ cert: shown.pem, key: shown.key, ca: authority.pem },
        ...{ requestCert: true, rejectUnauthorized: true },
      },
    },
  );
});
beforeEach(() => {
  names.length = 0;
  gate = Promise.resolve();
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

const file = (name: string) => ({ kind: "file", path: join(dir, name) }) as const;

async function put(pair: Certificate, parts: readonly ("pem" | "key")[] = ["pem", "key"]) {
  for (const part of parts) {
    await writeFile(join(dir, `new.${part}`), pair[part]);
    await rename(join(dir, `new.${part}`), join(dir, `client.${part}`));
  }
}

function sender() {
  const tls = {
    ca: [{ kind: "text", pem: authority.pem } as const],
    cert: file("client.pem"),
    key: file("client.key"),
    insecureSkipVerify: false,
  };
  const url = `${server.url}?token=tkn_0123456789abcdef`;
  const http = { ...HTTP_DEFAULTS, tls };
  let now = 0;
  const clock = { ...systemClock, monotonic: () => now };
  const one = senderOf({ kind: "dataway", name: "dw", url, http }, "n1", clock);
  return {
    send: async () => {
      // Files are looked at again after a second.
      now += 1_000;
      return (await one.send(BODY, NEVER)).verdict;
    },
    close: () => one.close(),
  };
}

test("a rotated pair is shown from the next request on", async () => {
  await put(first);
  const { send, close } = sender();
  expect(await send()).toMatchObject({ kind: "accepted" });
  await put(second, ["pem"]);
  expect(await send()).toMatchObject({ kind: "accepted" });
  await put(second, ["key"]);
  expect(await send()).toMatchObject({ kind: "accepted" });
  await close();
  expect(names).toEqual(["first", "first", "second"]);
});

test("a request that is under way ends on the old connection", async () => {
  await put(first);
  const { send, close } = sender();
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  const old = send();
  await expect.poll(() => names).toEqual(["first"]);
  await put(second);
  const next = send();
  await expect.poll(() => names).toEqual(["first", "second"]);
  resolve();
  expect(await Promise.all([old, next])).toMatchObject([
    { kind: "accepted" },
    { kind: "accepted" },
  ]);
  await close();
});

test("files that come late are found", async () => {
  await rm(join(dir, "client.key"), { force: true });
  const { send, close } = sender();
  expect(await send()).toMatchObject({ kind: "retry", reason: "tls_files" });
  await put(first);
  expect(await send()).toMatchObject({ kind: "accepted" });
  await close();
});
