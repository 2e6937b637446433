import { describe, expect, test } from "vitest";
import type { DnsAnswer } from "../../src/dial/dns-answer.ts";
import { NameCache, type NameCacheBounds } from "../../src/dial/name-cache.ts";
import type { NameAnswer } from "../../src/dial/names.ts";
import { ManualClock } from "../manual-clock.ts";

const SILENT: DnsAnswer = { kind: "silent", why: "no name server answers" };

const found = (address: string, ttlMs = 30_000): DnsAnswer => ({
  kind: "addresses",
  addresses: [address, "10.9.9.9"],
  ttlMs,
});

/** A cache whose lookups end when the test says so. */
class World {
  readonly clock = new ManualClock();
  readonly asked: string[] = [];
  readonly cache: NameCache;
  readonly #answers: ((answer: DnsAnswer) => void)[] = [];

  constructor(bounds?: NameCacheBounds) {
    const ask = (name: string): Promise<DnsAnswer> => {
      this.asked.push(name);
      return new Promise((resolve) => this.#answers.push(resolve));
    };
    this.cache = new NameCache(ask, this.clock, bounds);
  }

  /** Ends the oldest lookup under way. */
  async answer(answer: DnsAnswer): Promise<void> {
    this.#answers.shift()?.(answer);
    await settle();
  }

  async after(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settle();
  }

  /** What a lookup has come to by now, in short; `waits` where it has not. */
  async now(name = "db"): Promise<string> {
    const lookup = this.cache.lookup(name).then(inShort);
    await settle();
    return Promise.race([lookup, Promise.resolve("waits")]);
  }
}

describe("a lookup", () => {
  test("is one for all who ask while it is under way", async () => {
    const world = new World();
    const both = Promise.all([world.cache.lookup("db"), world.cache.lookup("db")]);
    await world.answer(found("10.0.0.1"));
    expect((await both).map(inShort)).toEqual(["10.0.0.1", "10.0.0.1"]);
    expect(world.asked).toEqual(["db"]);
  });

  test("of one name never waits for that of another", async () => {
    const world = new World();
    const slow = world.now("slow");
    const good = world.cache.lookup("db");
    expect(await slow).toBe("waits");
    expect(world.asked).toEqual(["slow", "db"]);
    await world.after(5000);
    expect(inShort(await good)).toMatch(/^EAI_AGAIN/);
  });

  test("is waited for 5 s, whenever one has come to it, and stays the only one", async () => {
    const world = new World();
    const first = world.cache.lookup("db");
    await world.after(4000);
    const second = world.cache.lookup("db");
    await world.after(1000);
    const words = "EAI_AGAIN the address of db is unknown: no name server has answered yet";
    expect([inShort(await first), inShort(await second)]).toEqual([words, words]);
    expect(await world.now()).toBe(words);
    expect(world.asked).toEqual(["db"]);
    await world.answer(found("10.0.0.1"));
    expect(await world.now()).toBe("10.0.0.1");
  });

  test("that failed is not repeated for 5 s", async () => {
    const world = new World();
    const first = world.cache.lookup("db");
    await world.answer(SILENT);
    const words = "EAI_AGAIN the address of db is unknown: no name server answers";
    expect(inShort(await first)).toBe(words);
    await world.after(4999);
    expect(await world.now()).toBe(words);
    await world.after(1);
    expect(await world.now()).toBe("waits");
    expect(world.asked).toEqual(["db", "db"]);
  });

  test("of a name that does not exist says so, for 5 s", async () => {
    const world = new World();
    const first = world.cache.lookup("db");
    await world.answer({ kind: "absent" });
    expect(inShort(await first)).toBe("ENOTFOUND there is no host db");
    await world.after(4999);
    expect(await world.now()).toBe("ENOTFOUND there is no host db");
    await world.after(1);
    expect(await world.now()).toBe("waits");
  });

  test("beyond the bound of lookups under way is refused at once", async () => {
    const world = new World({ names: 10, lookups: 1 });
    expect(await world.now("slow")).toBe("waits");
    expect(await world.now("db")).toMatch(/too many lookups/);
    await world.answer(SILENT);
    expect(await world.now("db")).toBe("waits");
  });
});

describe("an answer", () => {
  /** A world that knows `db`. */
  async function knowing(ttlMs = 30_000): Promise<World> {
    const world = new World();
    await world.now();
    await world.answer(found("10.0.0.1", ttlMs));
    return world;
  }

  test.for([
    ["its time to live", 30_000, 30_000],
    ["5 s where that is shorter", 0, 5000],
    ["5 min where that is longer", 86_400_000, 300_000],
  ] as const)("is used without asking for %s", async ([, ttlMs, keptMs]) => {
    const world = await knowing(ttlMs);
    await world.after(keptMs - 1);
    await world.now();
    expect(world.asked).toHaveLength(1);
    await world.after(1);
    await world.now();
    expect(world.asked).toHaveLength(2);
  });

  test("that is old is used if a new one does not come within 200 ms", async () => {
    const world = await knowing();
    await world.after(30_000);
    const stale = world.cache.lookup("db");
    await world.after(199);
    expect(await world.now()).toBe("waits");
    await world.after(1);
    expect(inShort(await stale)).toBe("10.0.0.1");
    expect(await world.now()).toBe("10.0.0.1");
    expect(world.asked).toHaveLength(2);
  });

  test("that is new is used by those who waited for it", async () => {
    const world = await knowing();
    await world.after(30_000);
    const renewed = world.cache.lookup("db");
    await world.answer(found("10.0.0.2"));
    expect(inShort(await renewed)).toBe("10.0.0.2");
  });

  test("is used stale for an hour while name servers are silent, asked again every 5 s", async () => {
    const world = await knowing();
    await world.after(30_000);
    await world.now();
    await world.answer(SILENT);
    expect(await world.now()).toBe("10.0.0.1");
    expect(world.asked).toHaveLength(2);
    await world.after(5000);
    await world.now();
    expect(world.asked).toHaveLength(3);
    await world.answer(SILENT);
    await world.after(3_594_999);
    await world.now();
    await world.after(200);
    expect(await world.now()).toBe("waits");
  });

  test("is dropped where the name is gone", async () => {
    const world = await knowing();
    await world.after(30_000);
    await world.now();
    await world.answer({ kind: "absent" });
    expect(await world.now()).toBe("ENOTFOUND there is no host db");
  });

  test("is completed by the family that answered late", async () => {
    const world = new World();
    await world.now();
    const late = Promise.withResolvers<DnsAnswer>();
    await world.answer({
      kind: "addresses",
      addresses: ["10.0.0.1"],
      ttlMs: 30_000,
      whole: late.promise,
    });
    expect(await world.now()).toBe("10.0.0.1");
    late.resolve({ kind: "addresses", addresses: ["fd00::1", "10.0.0.1"], ttlMs: 30_000 });
    await settle();
    expect(await world.now()).toBe("fd00::1");
  });

  test("begins with the address that worked, as long as that is one of it", async () => {
    const world = await knowing();
    world.cache.worked("db", "10.9.9.9");
    expect(await world.now()).toBe("10.9.9.9");
    await world.after(30_000);
    await world.now();
    await world.answer(found("10.0.0.2"));
    expect(await world.now()).toBe("10.9.9.9");
    await world.after(30_000);
    await world.now();
    await world.answer({ kind: "addresses", addresses: ["10.0.0.3"], ttlMs: 1 });
    expect(await world.now()).toBe("10.0.0.3");
  });

  test("whose addresses could not be connected to is renewed in 5 s", async () => {
    const world = await knowing();
    world.cache.failed("db");
    await world.after(4999);
    await world.now();
    expect(world.asked).toHaveLength(1);
    await world.after(1);
    await world.now();
    expect(world.asked).toHaveLength(2);
  });
});

test("the cache is bounded, and the name asked for longest ago goes first", async () => {
  const world = new World({ names: 2, lookups: 10 });
  for (const name of ["a", "b"]) {
    await world.now(name);
    await world.answer(found("10.0.0.1"));
  }
  await world.now("a");
  await world.now("c");
  await world.answer(found("10.0.0.1"));
  expect(world.cache.size).toBe(2);
  expect(await world.now("a")).toBe("10.0.0.1");
  expect(await world.now("b")).toBe("waits");
});

function inShort(answer: NameAnswer): string {
  return answer.kind === "addresses"
    ? (answer.addresses[0] ?? "none")
    : `${answer.code} ${answer.detail}`;
}

/** Lets every promise that can go on do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
