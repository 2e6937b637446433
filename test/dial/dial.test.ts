import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { Dial } from "../../src/dial/dial.ts";
import type { NameAnswer } from "../../src/dial/names.ts";

/** As much of a socket as a dial knows. */
class Attempt extends EventEmitter {
  destroyed = false;
  closed = false;

  destroy(error?: Error): void {
    if (!this.destroyed) {
      this.destroyed = true;
      process.nextTick(() => {
        if (error !== undefined) {
          this.emit("error", error);
        }
        this.closed = true;
        this.emit("close");
      });
    }
  }

  fail(code: string): void {
    this.destroy(Object.assign(new Error(`connect ${code}`), { code }));
  }
}

/** One dial of `db.test`, whose attempts do what the test says. */
class World {
  readonly attempts = new Map<string, Attempt>();
  readonly said: string[] = [];
  readonly reported: string[] = [];
  readonly dial: Dial;
  readonly #answer = Promise.withResolvers<NameAnswer>();

  constructor(host = "db.test", timeoutMs = 2000) {
    const names = {
      lookup: () => this.#answer.promise,
      worked: (name: string, address: string) => void this.reported.push(`${name} ${address}`),
      failed: (name: string) => void this.reported.push(`${name} failed`),
    };
    const open = (address: string) => {
      const attempt = new Attempt();
      this.attempts.set(address, attempt);
      return attempt as unknown as Socket;
    };
    this.dial = new Dial(host, timeoutMs, names, open, {
      connected: (socket) => {
        const won = [...this.attempts].find(([, one]) => one === (socket as unknown as Attempt));
        this.said.push(`connected ${won?.[0]}`);
      },
      failed: (error) => this.said.push(`${String(Reflect.get(error, "code"))}`),
      closed: () => this.said.push("closed"),
    });
    this.dial.start();
  }

  async resolve(...addresses: string[]): Promise<void> {
    this.#answer.resolve({ kind: "addresses", addresses });
    await vi.advanceTimersByTimeAsync(0);
  }

  async refuse(code: "ENOTFOUND" | "EAI_AGAIN"): Promise<void> {
    this.#answer.resolve({ kind: "fault", code, detail: "" });
    await vi.advanceTimersByTimeAsync(0);
  }

  async after(ms: number): Promise<readonly string[]> {
    await vi.advanceTimersByTimeAsync(ms);
    return [...this.attempts.keys()];
  }

  at(address: string): Attempt {
    const attempt = this.attempts.get(address);
    if (attempt === undefined) {
      throw new Error(`${address} was not tried`);
    }
    return attempt;
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
});

describe("a dial", () => {
  test("to an address opens its socket before it returns", () => {
    expect([...new World("10.0.0.1").attempts.keys()]).toEqual(["10.0.0.1"]);
    expect(new World("10.0.0.1").dial.resolving).toBe(false);
  });

  test("to a name waits for its addresses", async () => {
    const world = new World();
    expect(world.dial.resolving).toBe(true);
    await world.resolve("10.0.0.1");
    expect(world.dial.resolving).toBe(false);
    world.at("10.0.0.1").emit("connect");
    expect(world.said).toEqual(["connected 10.0.0.1"]);
    expect(world.reported).toEqual([]);
  });

  test("tries the next address after 250 ms and keeps the first going", async () => {
    const world = new World();
    await world.resolve("fd00::1", "10.0.0.1", "10.0.0.2");
    expect(await world.after(249)).toEqual(["fd00::1"]);
    expect(await world.after(1)).toEqual(["fd00::1", "10.0.0.1"]);
    expect(await world.after(250)).toEqual(["fd00::1", "10.0.0.1", "10.0.0.2"]);
    await world.after(1000);
    expect(world.at("fd00::1").destroyed).toBe(false);
    world.at("fd00::1").emit("connect");
    expect(world.said).toEqual(["connected fd00::1"]);
  });

  test("closes the attempts that lost, and remembers an address that was not the first", async () => {
    const world = new World();
    await world.resolve("10.0.0.1", "10.0.0.2");
    await world.after(250);
    world.at("10.0.0.2").emit("connect");
    await world.after(0);
    expect(world.at("10.0.0.1").closed).toBe(true);
    expect(world.at("10.0.0.2").destroyed).toBe(false);
    expect(world.reported).toEqual(["db.test 10.0.0.2"]);
    expect(world.said).toEqual(["connected 10.0.0.2"]);
  });

  test("tries the next address at once where one fails", async () => {
    const world = new World();
    await world.resolve("fd00::1", "10.0.0.1");
    world.at("fd00::1").fail("ENETUNREACH");
    expect(await world.after(0)).toEqual(["fd00::1", "10.0.0.1"]);
  });

  test("fails when all have failed, by the code that says most", async () => {
    const world = new World();
    await world.resolve("fd00::1", "10.0.0.1");
    world.at("fd00::1").fail("ENETUNREACH");
    await world.after(0);
    world.at("10.0.0.1").fail("ECONNREFUSED");
    await world.after(0);
    expect(world.said).toEqual(["ECONNREFUSED", "closed"]);
    expect(world.reported).toEqual(["db.test failed"]);
  });

  test("does not fail while one attempt still runs", async () => {
    const world = new World();
    await world.resolve("10.0.0.1", "10.0.0.2");
    await world.after(250);
    world.at("10.0.0.2").fail("ECONNREFUSED");
    await world.after(1000);
    expect(world.said).toEqual([]);
    world.at("10.0.0.1").emit("connect");
    expect(world.said).toEqual(["connected 10.0.0.1"]);
  });

  test.for(["ENOTFOUND", "EAI_AGAIN"] as const)(
    "says %s of a name without address",
    async (code) => {
      const world = new World();
      await world.refuse(code);
      expect(world.said).toEqual([code]);
      world.dial.destroy();
      expect(world.said).toEqual([code, "closed"]);
    },
  );

  test("that waits for an address too long fails by the name", async () => {
    const world = new World();
    await world.after(2000);
    expect(world.said).toEqual(["EAI_AGAIN"]);
    await world.resolve("10.0.0.1");
    expect(world.attempts.size).toBe(0);
  });

  test("that takes too long to connect closes every attempt", async () => {
    const world = new World();
    await world.resolve("10.0.0.1", "10.0.0.2");
    await world.after(2000);
    expect(world.said).toEqual(["CONNECT_TIMEOUT", "closed"]);
    expect([...world.attempts.values()].every(({ closed }) => closed)).toBe(true);
  });

  test("has the same time for what comes after the connection, unless it is settled", async () => {
    const [late, settled] = [new World("10.0.0.1"), new World("10.0.0.1")];
    const errors: unknown[] = [];
    late.at("10.0.0.1").on("error", (error) => errors.push(Reflect.get(error, "code")));
    for (const world of [late, settled]) {
      world.at("10.0.0.1").emit("connect");
    }
    settled.dial.settled();
    await vi.advanceTimersByTimeAsync(2000);
    expect(errors).toEqual(["CONNECT_TIMEOUT"]);
    expect(settled.at("10.0.0.1").destroyed).toBe(false);
  });

  test("that is called off closes everything and tries nothing more", async () => {
    const world = new World();
    await world.resolve("10.0.0.1", "10.0.0.2", "10.0.0.3");
    await world.after(250);
    world.dial.destroy();
    expect(await world.after(5000)).toEqual(["10.0.0.1", "10.0.0.2"]);
    expect([...world.attempts.values()].every(({ closed }) => closed)).toBe(true);
    expect(world.said).toEqual(["closed"]);
  });

  test("tries sixteen addresses at most", async () => {
    const world = new World("db.test", 60_000);
    await world.resolve(...Array.from({ length: 40 }, (_, at) => `10.0.0.${at}`));
    expect(await world.after(20_000)).toHaveLength(16);
  });
});
