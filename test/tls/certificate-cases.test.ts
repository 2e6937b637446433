import net from "node:net";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { joinPayloads } from "../../src/delivery/body/body.ts";
import { HTTP_DEFAULTS } from "../../src/delivery/delivery-settings.ts";
import { senderOf } from "../../src/delivery/send/sender-of.ts";
import { PageFetcher } from "../../src/fetch/page-fetcher.ts";
import type { TlsConfig } from "../../src/tls-config.ts";
import { payloadOf } from "../delivery/line-payload.ts";
import { get, request } from "../fetch/fetch-case.ts";
import { RecordingSink } from "../fetch/recording-sink.ts";
import { answer, serve } from "../fetch/scripted-server.ts";
import type { CertificateCase, ClientSide } from "./cases/certificate-case.ts";
import { CLIENTS } from "./cases/clients.ts";
import { NAMES } from "./cases/names.ts";
import { PROTOCOLS } from "./cases/protocols.ts";
import { TRUST } from "./cases/trust.ts";
import { VALIDITY } from "./cases/validity.ts";

const CASES = [...TRUST, ...VALIDITY, ...NAMES, ...CLIENTS, ...PROTOCOLS];

/** Words that come of OpenSSL or Node and tell a user nothing. */
const FOREIGN = /node\.js|--use-|routines|[0-9A-F]{12}:error|altnames|UNSPECIFIED|interrupted/i;

describe("a target", () => {
  test.for(CASES.map((one) => [one.name, one] as const))("%s", async ([, one]) => {
    await using server = await listen(one);
    const fetcher = new PageFetcher();
    const asked = request(`${server.origin}/metrics`, { tls: configOf(one.client) });
    const outcome = await get(fetcher, asked, new RecordingSink());
    await fetcher.close();
    const detail = outcome.kind === "failed" ? outcome.detail : "";
    expect(`${outcome.kind} ${detail}`).toMatch(one.ours === "ok" ? /^ok / : one.ours);
    expect(outcome.kind === "failed" && outcome.reason).toBe(
      one.ours === "ok" ? false : (one.reason ?? "tls"),
    );
    expect(detail).not.toMatch(FOREIGN);
  });
});

describe("a destination", () => {
  const cases = CASES.filter((one) => one.targetOnly !== true);
  test.for(cases.map((one) => [one.name, one] as const))("%s", async ([, one]) => {
    const { verdict, detail } = await sendTo(one);
    const { ours, reason = "tls" } = one;
    expect(`${verdict.kind} ${detail}`).toMatch(ours === "ok" ? /^accepted / : ours);
    expect(verdict).toMatchObject(ours === "ok" ? { kind: "accepted" } : { kind: "retry", reason });
    expect(detail).not.toMatch(FOREIGN);
  });
});

test("a destination that requires a client certificate in TLS 1.3 may say so or just hang up", async () => {
  const [one] = CLIENTS.filter(({ name }) => name.includes("one is required, TLSv1.3"));
  expect((await sendTo(one!)).detail).toMatch(/(requires|misses or refuses) a client certificate/);
});

async function sendTo(one: CertificateCase) {
  await using server = await listen(one);
  const body = joinPayloads("dk_0123456789abcdefghij", [payloadOf(["m,host=h a=1 1"])]);
  const http = { ...HTTP_DEFAULTS, tls: configOf(one.client) };
  const url = `${server.origin}?token=tkn_0123456789abcdef`;
  const sender = senderOf({ kind: "dataway", name: "dw", url, http }, "n1", systemClock);
  const outcome = await sender.send(body, AbortSignal.timeout(5_000));
  await sender.close();
  return outcome;
}

function configOf(client: ClientSide): TlsConfig {
  const { ca = [], cert, key, serverName, minVersion } = client;
  const text = (pem: string) => ({ kind: "text", pem }) as const;
  return {
    ca: ca.map(text),
    insecureSkipVerify: client.insecure ?? false,
    ...(cert === undefined ? {} : { cert: text(cert) }),
    ...(key === undefined ? {} : { key: text(key) }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(minVersion === undefined ? {} : { minVersion }),
  };
}

async function listen({ server }: CertificateCase) {
  if (typeof server !== "function") {
    const scripted = await serve((socket) => socket.write(answer("up 1\n")), { tls: server });
    return { origin: scripted.url, [Symbol.asyncDispose]: () => scripted.close() };
  }
  const plain = net.createServer((socket) => server(socket.on("error", () => undefined)));
  const { promise, resolve } = Promise.withResolvers<void>();
  plain.listen(0, "127.0.0.1", resolve);
  await promise;
  const bound = plain.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  return {
    origin: `https://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => void plain.close(),
  };
}
