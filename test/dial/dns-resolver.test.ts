import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { DnsAnswer } from "../../src/dial/dns-answer.ts";
import { DnsResolver } from "../../src/dial/dns-resolver.ts";
import { parseResolvConf } from "../../src/dial/resolv-conf.ts";
import { type DnsRecords, DnsServer, SILENT } from "../support/dns-server.ts";

const TTL = { ttlMs: 30_000 };

/** What is said about the name `x.test` with these records, beside the server that was asked. */
async function ask(
  records: DnsRecords,
  more: Readonly<Record<string, DnsRecords>> = {},
  attempts = 1,
): Promise<{ readonly answer: DnsAnswer; readonly server: DnsServer }> {
  const server = await DnsServer.start({ "x.test": records, ...more });
  onTestFinished(() => server.stop());
  const conf = { ...parseResolvConf(""), servers: [server.address], timeoutMs: 300, attempts };
  return { answer: await new DnsResolver(systemClock).ask("x.test", conf), server };
}

describe("a name server that is asked", () => {
  test.for<readonly [string, DnsRecords, object]>([
    ["one address", { a: ["10.0.0.1"] }, { kind: "addresses", addresses: ["10.0.0.1"], ...TTL }],
    ["IPv6 alone", { aaaa: ["fd00::1"] }, { kind: "addresses", addresses: ["fd00::1"], ...TTL }],
    ["its time to live", { a: ["10.0.0.1"], ttl: 7 }, { ttlMs: 7000 }],
    ["that there is no such name", { rcode: 3 }, { kind: "absent" }],
    ["that the name has no address", {}, { kind: "absent" }],
    ["SERVFAIL", { rcode: 2 }, { kind: "unable", why: "a name server answered SERVFAIL" }],
    ["REFUSED", { rcode: 5 }, { kind: "unable", why: "a name server answered REFUSED" }],
    ["nothing", SILENT, { kind: "silent", why: "no name server answers" }],
  ])("says %s", async ([, records, expected]) => {
    expect((await ask(records)).answer).toMatchObject(expected);
  });

  test("is asked for both families, and either one's addresses are tried in turns", async () => {
    const { answer } = await ask({ a: ["10.0.0.1", "10.0.0.2"], aaaa: ["fd00::1"] });
    const addresses = answer.kind === "addresses" ? answer.addresses : [];
    expect(addresses.toSorted()).toEqual(["10.0.0.1", "10.0.0.2", "fd00::1"]);
    expect(addresses.indexOf("fd00::1")).toBeLessThan(2);
  });

  test("says the address behind a CNAME", async () => {
    const { answer } = await ask({ cname: "y.test" }, { "y.test": { a: ["10.0.0.9"] } });
    expect(answer).toMatchObject({ addresses: ["10.0.0.9"] });
  });

  test("is asked by TCP where its answer was cut off", async () => {
    const { answer, server } = await ask({ a: ["10.0.0.1"], truncated: true });
    expect(answer).toMatchObject({ addresses: ["10.0.0.1"] });
    expect(server.questions).toContain("A x.test tcp");
  });

  test("that drops questions for AAAA delays the address by a moment, and may still answer", async () => {
    const { answer } = await ask({ a: ["10.0.0.1"], silent: ["AAAA"] });
    expect(answer).toMatchObject({ kind: "addresses", addresses: ["10.0.0.1"] });
    const whole = answer.kind === "addresses" ? await answer.whole : undefined;
    expect(whole).toMatchObject({ kind: "addresses", addresses: ["10.0.0.1"] });
  });

  test("that says the name has no AAAA by NXDOMAIN does not take the A records away", async () => {
    const { answer } = await ask({ a: ["10.0.0.1"], aaaaRcode: 3 });
    expect(answer).toMatchObject({ addresses: ["10.0.0.1"] });
  });

  test("is asked again as often as the system says", async () => {
    const { answer, server } = await ask(SILENT, {}, 3);
    expect(answer.kind).toBe("silent");
    expect(server.questions.filter((question) => question === "A x.test udp")).toHaveLength(3);
  });

  test("is asked anew each time: what is kept is kept elsewhere", async () => {
    const server = await DnsServer.start({ "x.test": { a: ["10.0.0.1"] } });
    onTestFinished(() => server.stop());
    const conf = { ...parseResolvConf("options no-aaaa"), servers: [server.address] };
    const resolver = new DnsResolver(systemClock);
    await resolver.ask("x.test", conf);
    await resolver.ask("x.test", conf);
    expect(server.questions).toHaveLength(2);
  });

  test("that cannot be reached is silent", async () => {
    const server = await DnsServer.start({});
    const conf = { ...parseResolvConf(""), servers: [server.address], timeoutMs: 300, attempts: 1 };
    server.stop();
    const answer = await new DnsResolver(systemClock).ask("x.test", conf);
    expect(answer.kind).toBe("silent");
  });

  test("the next one is asked where it is silent", async () => {
    const dead = await DnsServer.start({ "x.test": SILENT });
    const good = await DnsServer.start({ "x.test": { a: ["10.0.0.1"] } });
    onTestFinished(() => [dead, good].forEach((server) => void server.stop()));
    const servers = [dead.address, good.address];
    const conf = { ...parseResolvConf("options no-aaaa attempts:1"), servers, timeoutMs: 200 };
    const answer = await new DnsResolver(systemClock).ask("x.test", conf);
    expect(answer).toMatchObject({ addresses: ["10.0.0.1"] });
    expect(dead.questions).toEqual(["A x.test udp"]);
  });
});
