import { expect, test } from "vitest";
import { type Clock, systemClock } from "../../../src/clock.ts";
import { DatawayClock } from "../../../src/delivery/clock/dataway-clock.ts";
import { type DatawaySettings, HTTP_DEFAULTS } from "../../../src/delivery/delivery-settings.ts";
import { Dataway, type DatawayOptions, type Verdict } from "../../support/dataway.ts";
import { ManualClock, until } from "../manual-clock.ts";

const NEVER = new AbortController().signal;

function settingsOf(url: string, http: Partial<DatawaySettings["http"]> = {}): DatawaySettings {
  return { kind: "dataway", name: "dw", url, http: { ...HTTP_DEFAULTS, ...http } };
}

/** What is read of a DataWay that behaves so. */
async function readOnce(options: DatawayOptions) {
  const dataway = await Dataway.start(options);
  const settings = settingsOf(dataway.url);
  const source = new DatawayClock({ settings, hostName: "n1", clock: systemClock });
  const reading = await source.read(NEVER);
  await source.close();
  expect(dataway.violations).toEqual([]);
  return { reading, dataway };
}

function says(body: string, status = 200): DatawayOptions {
  const verdict: Verdict = { kind: "status", status, body };
  return { time: () => verdict };
}

test("the question is that of example D07, with the headers of a write", async () => {
  const { dataway } = await readOnce({});
  expect(dataway.questions).toHaveLength(1);
  expect(dataway.questions[0]?.headers).toMatchObject({
    referer: "DataKit",
    "user-agent": expect.stringMatching(/^promline-.*\/n1$/),
  });
  expect(dataway.questions[0]?.headers["x-global-tags"]).toBeUndefined();
});

test("the answer says how far its clock is ahead, or behind, to a second", async () => {
  for (const aheadMs of [0, 90_000, -3_600_000]) {
    const { reading } = await readOnce({ aheadMs });
    expect(reading.kind === "read" && Math.abs(reading.offsetMs - aheadMs)).toBeLessThan(1000);
  }
});

test("what cannot be the time is left out, with its reason", async () => {
  const now = Math.floor(Date.now() / 1000);
  const reasonOf = async (options: DatawayOptions) => (await readOnce(options)).reading;
  expect(await reasonOf(says('{"timestamp_sec":0}'))).toMatchObject({ reason: "absurd" });
  expect(await reasonOf(says(`{"timestamp_sec":${now + 100_000}}`))).toMatchObject({
    reason: "absurd",
  });
  expect(await reasonOf(says(`{"timestamp_sec":${now * 1000}}`))).toMatchObject({
    reason: "absurd",
  });
  for (const text of ["", "now", "[]", "null", '{"timestamp_sec":"1"}', '{"timestamp_sec":1.5}']) {
    expect(await reasonOf(says(text))).toMatchObject({ kind: "unread", reason: "no_time" });
  }
  expect(await reasonOf(says("not here", 404))).toEqual({
    kind: "unread",
    reason: "http_status",
    detail: "404 not here",
  });
});

test("an answer that echoes the token is shown without it", async () => {
  const { reading } = await readOnce({ token: "tkn-of-mine", ...says("no tkn-of-mine", 403) });
  expect(reading).toMatchObject({ detail: "403 no ***" });
});

test("nobody waits for an answer that does not come", async () => {
  const dataway = await Dataway.start({ time: () => ({ kind: "hang" }) });
  const clock = new ManualClock();
  const source = new DatawayClock({ settings: settingsOf(dataway.url), hostName: "n1", clock });
  const reading = source.read(NEVER);
  await until(() => dataway.questions.length === 1);
  await clock.advance(10_000);
  expect(await reading).toMatchObject({ reason: "timeout", detail: "no answer within 10000 ms" });
  expect(clock.sleepers).toBe(0);
  await source.close();
});

test("a DataWay that is not there is no time", async () => {
  const settings = settingsOf("http://127.0.0.1:1?token=x");
  const source = new DatawayClock({ settings, hostName: "n1", clock: systemClock });
  expect(await source.read(NEVER)).toMatchObject({ reason: "connect_refused" });
  await source.close();
});

test("a TLS file that cannot be read is said", async () => {
  const tls = { ca: [{ kind: "file", path: "/nonexistent" }], insecureSkipVerify: false } as const;
  const settings = settingsOf("https://127.0.0.1:1?token=x", { tls });
  const source = new DatawayClock({ settings, hostName: "n1", clock: systemClock });
  expect(await source.read(NEVER)).toMatchObject({ reason: "tls_files" });
  await source.close();
});

test("an answer long under way says too little", async () => {
  const dataway = await Dataway.start();
  let passedMs = 0;
  const clock: Clock = { ...systemClock, monotonic: () => (passedMs += 6000) };
  const source = new DatawayClock({ settings: settingsOf(dataway.url), hostName: "n1", clock });
  expect(await source.read(NEVER)).toMatchObject({
    reason: "slow",
    detail: "the answer took 6000 ms",
  });
  await source.close();
});

test("after a refused token that of now is used", async () => {
  const answers: Verdict[] = [{ kind: "status", status: 401 }];
  const dataway = await Dataway.start({ token: "good", time: () => answers.shift() });
  const good = settingsOf(dataway.url);
  const source = new DatawayClock({
    settings: settingsOf(`${new URL(dataway.url).origin}?token=bad`),
    hostName: "n1",
    clock: systemClock,
    renewed: async () => good,
  });
  expect(await source.read(NEVER)).toMatchObject({ reason: "http_status" });
  expect(await source.read(NEVER)).toMatchObject({ kind: "read" });
  expect(dataway.questions.map(({ query }) => query.get("token"))).toEqual(["bad", "good"]);
  await source.close();
});

test("with the sinker the question carries the global tags", async () => {
  const dataway = await Dataway.start();
  const settings = { ...settingsOf(dataway.url), sinker: { globalTags: "cluster=c,host=n1" } };
  const source = new DatawayClock({ settings, hostName: "n1", clock: systemClock });
  await source.read(NEVER);
  await source.close();
  expect(dataway.questions[0]?.headers["x-global-tags"]).toBe("cluster=c,host=n1");
});
