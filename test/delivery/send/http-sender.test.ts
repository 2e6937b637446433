import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { joinPayloads } from "../../../src/delivery/body/body.ts";
import {
  type DatawaySettings,
  type DestinationSettings,
  HTTP_DEFAULTS,
  type HttpSettings,
} from "../../../src/delivery/delivery-settings.ts";
import { senderOf } from "../../../src/delivery/send/sender-of.ts";
import { linesOf, payloadOf } from "../line-payload.ts";
import { ManualClock, until } from "../manual-clock.ts";
import { type Fault, FaultServer } from "./fault-server.ts";

const NEVER = new AbortController().signal;
const BODY = joinPayloads("dk_0123456789abcdefghij", [
  payloadOf(["m1,host=h1 value=1.5 1700000000000000000"]),
  payloadOf(["m2 b=true 1700000000000000001"]),
]);

function dataway(origin: string, http: Partial<HttpSettings> = {}): DatawaySettings {
  const url = `${origin}/some/path?to=1&token=tkn_0123456789abcdef&a=b`;
  return { kind: "dataway", name: "dw", url, http: { ...HTTP_DEFAULTS, ...http } };
}

/** Sends BODY once to a server with that fault. */
async function sendOnce(fault: Fault, http: Partial<HttpSettings> = {}) {
  await using server = await new FaultServer().listen();
  server.fault = fault;
  const sender = senderOf(dataway(server.origin, http), "n1", systemClock);
  const outcome = await sender.send(BODY, NEVER);
  await sender.close();
  return { outcome, seen: server.seen };
}

test("a DataWay request is that of example D01, with our own product name", async () => {
  const { outcome, seen } = await sendOnce({ status: 200 });
  expect(outcome.verdict).toEqual({ kind: "accepted", rejectedPoints: 0 });
  expect(seen[0]?.line).toBe("POST /v1/write/metric?a=b&to=1&token=tkn_0123456789abcdef");
  expect(seen[0]?.headers).toMatchObject({
    "content-type": "application/line-protocol",
    "content-encoding": "gzip",
    "content-length": String(BODY.gzip.byteLength),
    "x-points": "2",
    "x-pkg-id": "dk_0123456789abcdefghij",
    referer: "DataKit",
    "user-agent": expect.stringMatching(/^promline-\w+-\w+\/[\d.]+\/n1$/),
  });
  expect(linesOf(seen[0]!.body)).toHaveLength(2);
  expect(Buffer.compare(seen[0]!.body, BODY.gzip)).toBe(0);
});

test("without gzip the members are inflated and joined", async () => {
  const { seen } = await sendOnce({ status: 200 }, { gzip: false });
  expect(seen[0]?.headers["content-encoding"]).toBeUndefined();
  expect(seen[0]?.body.toString()).toBe(
    "m1,host=h1 value=1.5 1700000000000000000\nm2 b=true 1700000000000000001\n",
  );
});

test("connection faults are retried, each with its reason", async () => {
  const reasonOf = async (fault: Fault) => (await sendOnce(fault)).outcome.verdict;
  expect(await reasonOf("reset")).toMatchObject({ kind: "retry", reason: "connection_reset" });
  expect(await reasonOf("half_headers")).toMatchObject({ kind: "retry" });
  const closed = new FaultServer();
  await closed.listen();
  const { origin } = closed;
  await closed[Symbol.asyncDispose]();
  const sender = senderOf(dataway(origin), "n1", systemClock);
  expect((await sender.send(BODY, NEVER)).verdict).toMatchObject({ reason: "connect_refused" });
  await sender.close();
});

test("the status counts even when the body of the answer breaks off or never ends", async () => {
  expect((await sendOnce("half_body")).outcome.verdict.kind).toBe("accepted");
  const endless = (await sendOnce("endless_body")).outcome;
  expect(endless.verdict).toEqual({ kind: "dropped", reason: "http_400", ofLines: true });
  expect(endless.detail.length).toBeLessThanOrEqual(300);
});

test("a server that hangs is a timeout, and leaves no timer", async () => {
  await using server = await new FaultServer().listen();
  server.fault = "hang";
  const clock = new ManualClock();
  const sender = senderOf(dataway(server.origin), "n1", clock);
  const outcome = sender.send(BODY, NEVER);
  await until(() => server.seen.length === 1);
  await clock.advance(HTTP_DEFAULTS.timeoutMs);
  expect((await outcome).verdict).toEqual({ kind: "retry", reason: "timeout", pace: "normal" });
  expect(clock.sleepers).toBe(0);
  await sender.close();
});

test("an abort ends a request at once", async () => {
  await using server = await new FaultServer().listen();
  server.fault = "hang";
  const abort = new AbortController();
  const sender = senderOf(dataway(server.origin), "n1", systemClock);
  const outcome = sender.send(BODY, abort.signal);
  await until(() => server.seen.length === 1);
  abort.abort();
  expect((await outcome).verdict.kind).toBe("retry");
  await sender.close();
});

test("an abort ends a request that has no connection yet", async () => {
  await using server = await new FaultServer().listen();
  const sender = senderOf(dataway(server.origin), "n1", systemClock);
  const abort = new AbortController();
  const outcome = sender.send(BODY, abort.signal);
  abort.abort();
  expect((await outcome).verdict).toMatchObject({ kind: "retry", reason: "network" });
  expect((await sender.send(BODY, NEVER)).verdict.kind).toBe("accepted");
  expect(server.seen).toHaveLength(1);
  await sender.close();
});

test("an interim answer is none", async () => {
  const { outcome } = await sendOnce("early_hints");
  expect(outcome).toMatchObject({ verdict: { kind: "accepted" }, status: 204 });
});

test("no redirect is followed", async () => {
  await using other = await new FaultServer().listen();
  const { outcome } = await sendOnce({ status: 307, headers: { location: `${other.origin}/x` } });
  expect(outcome.verdict).toEqual({ kind: "retry", reason: "redirect", pace: "slow" });
  expect(other.seen).toEqual([]);
});

test("an answer that echoes the token is shown without it", async () => {
  const { outcome } = await sendOnce({
    status: 403,
    text: 'no workspace for tkn_0123456789abcdef\n{"token":"other-secret"}',
  });
  expect(outcome.detail).toBe('no workspace for *** {"token":"***"}');
  expect(outcome.verdict).toEqual({ kind: "retry", reason: "credentials", pace: "slow" });
});

test("Retry-After reaches the verdict", async () => {
  const { outcome } = await sendOnce({ status: 503, headers: { "retry-after": "7" } });
  expect(outcome.verdict).toMatchObject({ reason: "http_5xx", afterMs: 7000 });
});

test("connections are used again, after a refusal with a body too", async () => {
  await using server = await new FaultServer().listen();
  const sender = senderOf(dataway(server.origin, { concurrency: 1 }), "n1", systemClock);
  for (const fault of ["slow_body", { status: 204 }, "slow_body", { status: 200 }] as const) {
    server.fault = fault;
    await sender.send(BODY, NEVER);
  }
  expect(server.seen).toHaveLength(4);
  expect(server.connections).toBe(1);
  await sender.close();
});

test("a proxy is used where one is set", async () => {
  await using proxy = await new FaultServer().listen();
  const settings = dataway("http://dataway.invalid:9528", { proxyUrl: proxy.origin });
  const sender = senderOf(settings, "n1", systemClock);
  expect((await sender.send(BODY, NEVER)).verdict.kind).toBe("accepted");
  expect(proxy.seen[0]?.line).toBe(
    "POST http://dataway.invalid:9528/v1/write/metric?a=b&to=1&token=tkn_0123456789abcdef",
  );
  await sender.close();
});

test("the password of a proxy is shown nowhere", async () => {
  await using proxy = await new FaultServer().listen();
  const proxyUrl = proxy.origin.replace("//", "//someone:hush-hush@");
  proxy.fault = { status: 407, text: "who is someone:hush-hush?" };
  const sender = senderOf(dataway("http://dataway.invalid", { proxyUrl }), "n1", systemClock);
  const { detail, verdict } = await sender.send(BODY, NEVER);
  expect(verdict.kind).toBe("retry");
  expect(detail).toContain("407");
  expect(`${detail} ${sender.address}`).not.toContain("hush");
  const basic = Buffer.from("someone:hush-hush").toString("base64");
  expect(proxy.seen[0]?.headers["proxy-authorization"]).toBe(`Basic ${basic}`);
  await sender.close();
});

test("a TLS file that cannot be read is a reason to try again", async () => {
  const tls = {
    ca: [{ kind: "file", path: "/nonexistent/ca.pem" }],
    insecureSkipVerify: false,
  } as const;
  const sender = senderOf(dataway("https://127.0.0.1:9", { tls }), "n1", systemClock);
  const { verdict, detail } = await sender.send(BODY, NEVER);
  expect(verdict).toMatchObject({ kind: "retry", reason: "tls_files" });
  expect(detail).toContain("/nonexistent/ca.pem");
  await sender.close();
});

test("InfluxDB 1.x gets db, precision and Basic credentials, 2.x org, bucket and a token", async () => {
  await using server = await new FaultServer().listen();
  const http = HTTP_DEFAULTS;
  const url = `${server.origin}/base/`;
  const one = { kind: "influx_v1", name: "i1", url, database: "my db", http } as const;
  const two = { kind: "influx_v2", name: "i2", url, org: "o", bucket: "b", http } as const;
  for (const settings of [
    { ...one, username: "u", password: "p" },
    { ...two, token: "secret" },
  ]) {
    const sender = senderOf(settings, "n1", systemClock);
    expect((await sender.send(BODY, NEVER)).verdict.kind).toBe("accepted");
    await sender.close();
  }
  expect(server.seen.map(({ line, headers }) => [line, headers.authorization])).toEqual([
    ["POST /base/write?db=my+db&precision=ns", "Basic dTpw"],
    ["POST /base/api/v2/write?org=o&bucket=b&precision=ns", "Token secret"],
  ]);
});

test("after refused credentials those of now are asked for, for the same place only", async () => {
  await using server = await new FaultServer().listen();
  const old = dataway(server.origin);
  const [good, elsewhere] = ["tkn_good", "tkn_else"].map((token, index): DestinationSettings => {
    const origin = index === 0 ? server.origin : "http://elsewhere.invalid";
    return { kind: "dataway", name: "dw", url: `${origin}?token=${token}`, http: HTTP_DEFAULTS };
  });
  const asked: string[] = [];
  const answers = [elsewhere, good];
  const sender = senderOf(old, "n1", systemClock, async (name) => {
    asked.push(name);
    return answers[asked.length - 1];
  });
  const tokens = () => server.seen.map(({ line }) => /token=(\w+)/.exec(line)?.[1]);
  server.fault = { status: 401, text: "bad tkn_0123456789abcdef" };
  await sender.send(BODY, NEVER);
  await sender.send(BODY, NEVER);
  expect(tokens()).toEqual(["tkn_0123456789abcdef", "tkn_0123456789abcdef"]);
  server.fault = { status: 403, text: "no tkn-less 0123456789abcdef of tkn_good" };
  const { detail } = await sender.send(BODY, NEVER);
  expect(detail).not.toContain("tkn_good");
  server.fault = { status: 200 };
  answers.length = 0;
  expect((await sender.send(BODY, NEVER)).verdict.kind).toBe("accepted");
  await sender.send(BODY, NEVER);
  expect(tokens().slice(2)).toEqual(["tkn_good", "tkn_good", "tkn_good"]);
  expect(asked).toEqual(["dw", "dw", "dw"]);
  await sender.close();
});

test("a token that has changed counts within a minute, while the old one is still taken", async () => {
  await using server = await new FaultServer().listen();
  const old = dataway(server.origin);
  const clock = new ManualClock();
  let now: DestinationSettings = old;
  let asked = 0;
  const sender = senderOf(old, "n1", clock, async () => {
    asked += 1;
    return now;
  });
  await sender.send(BODY, NEVER);
  now = { ...old, url: `${server.origin}?token=tkn_good` };
  await sender.send(BODY, NEVER);
  await clock.advance(60_000);
  await sender.send(BODY, NEVER);
  now = old;
  await sender.send(BODY, NEVER);
  await clock.advance(60_000);
  await sender.send(BODY, NEVER);
  await sender.close();
  const [first, second] = ["tkn_0123456789abcdef", "tkn_good"];
  expect(server.seen.map(({ line }) => /token=(\w+)/.exec(line)?.[1])).toEqual([
    ...[first, first, second, second, first],
  ]);
  expect(asked).toBe(2);
});

test("protobuf is what is sent where it is asked for, example D02", async () => {
  await using server = await new FaultServer().listen();
  const settings = { ...dataway(server.origin), encoding: "protobuf" } as const;
  const body = joinPayloads("dk_0123456789abcdefghij", [
    payloadOf(["m1,host=h1 value=1.5 1700000000000000000"]),
  ]);
  const sender = senderOf(settings, "n1", systemClock);
  await sender.send(body, NEVER);
  await sender.close();
  const [seen] = server.seen;
  expect(seen?.headers).toMatchObject({
    "content-type": "application/protobuf; proto=com.guance.Point",
    "content-encoding": "gzip",
    "x-points": "1",
  });
  expect(gunzipSync(seen?.body ?? "").toString("hex")).toBe(
    "0a2e0a026d31120c0a04686f737440015a02683112100a0576616c756521000000000000f83f188080a8b1e39fe7cb17",
  );
});

test("a body says what its points agree in where the sinker is on, in UTF-8, and only there", async () => {
  await using server = await new FaultServer().listen();
  const sinker = { globalTags: "host=n1" };
  const tagged = { ...BODY, sinkTags: "app=a b,host=é\u0001" };
  for (const [settings, body] of [
    [{ ...dataway(server.origin), sinker }, tagged],
    [{ ...dataway(server.origin), sinker }, BODY],
    [dataway(server.origin), tagged],
  ] as const) {
    const sender = senderOf(settings, "n1", systemClock);
    expect((await sender.send(body, NEVER)).verdict.kind).toBe("accepted");
    await sender.close();
  }
  const headers = server.seen.map(({ headers }) => headers["x-global-tags"]);
  expect(Buffer.from(String(headers[0]), "latin1").toString()).toBe("app=a b,host=é");
  expect(headers.slice(1)).toEqual([undefined, undefined]);
});

test("what was sent before says so, under the same id", async () => {
  await using server = await new FaultServer().listen();
  const sender = senderOf(dataway(server.origin), "n1", systemClock);
  await sender.send(BODY, NEVER, false);
  await sender.send(BODY, NEVER, true);
  await sender.close();
  expect(
    server.seen.map(({ headers }) => [headers["x-pkg-id"], headers["x-fail-cache-retry"]]),
  ).toEqual([
    [BODY.id, undefined],
    [BODY.id, "1"],
  ]);
});
