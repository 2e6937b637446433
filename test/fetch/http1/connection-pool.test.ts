import { describe, expect, test, vi } from "vitest";
import type { Names } from "../../../src/dial/names.ts";
import { systemNames } from "../../../src/dial/system-names.ts";
import { ConnectionPool } from "../../../src/fetch/http1/connection-pool.ts";
import type { Endpoint } from "../../../src/fetch/http1/connector.ts";
import { TlsIdentities } from "../../../src/tls/tls-identities.ts";
import { ManualClock } from "../../manual-clock.ts";
import { fetchFrom, get, request } from "../fetch-case.ts";
import { RecordingSink } from "../recording-sink.ts";
import { answer } from "../scripted-server.ts";
import { fetcherOf, listening, PAGE, page } from "../test-net.ts";

/** Every name is this machine. */
const HERE: Names = {
  lookup: async () => ({ kind: "addresses", addresses: ["127.0.0.1"] }),
  worked: () => undefined,
  failed: () => undefined,
};

describe("connections", () => {
  test("are kept and used again", async () => {
    const server = await listening(page);
    const fetcher = fetcherOf();
    for (let round = 0; round < 5; round++) {
      await get(fetcher, request(`${server.url}/${round}`), new RecordingSink());
    }
    expect(server.accepted()).toBe(1);
    expect(server.heads).toHaveLength(5);
  });

  test("of one origin do not wait for each other", async () => {
    const server = await listening((socket, head) => {
      if (!head.startsWith("GET /hangs")) {
        socket.write(answer(PAGE));
      }
    });
    const fetcher = fetcherOf();
    const hanging = get(fetcher, request(`${server.url}/hangs`), new RecordingSink(), {
      totalTimeoutMs: 500,
    });
    const outcome = await get(fetcher, request(`${server.url}/m`), new RecordingSink(), {
      totalTimeoutMs: 400,
    });
    expect(outcome.kind).toBe("ok");
    expect(await hanging).toMatchObject({ reason: "total_timeout" });
  });

  test("that the target closed meanwhile are replaced without a failure", async () => {
    const server = await listening((socket, _head, index) => {
      if (index === 1) {
        socket.destroy();
      } else {
        socket.write(answer(PAGE));
      }
    });
    const fetcher = fetcherOf();
    await get(fetcher, request(server.url), new RecordingSink());
    expect(await get(fetcher, request(server.url), new RecordingSink())).toMatchObject({
      kind: "ok",
    });
    expect(server.heads).toHaveLength(3);
  });

  test("closed under a first request are a failure", async () => {
    const { outcome, heads } = await fetchFrom((socket) => socket.destroy());
    expect(outcome).toMatchObject({ reason: "connection_reset" });
    expect(heads).toHaveLength(1);
  });

  test("of a forgotten target are closed", async () => {
    const server = await listening(page);
    const fetcher = fetcherOf();
    await get(fetcher, request(server.url), new RecordingSink());
    fetcher.forget(request(`http://127.0.0.1:${server.port + 1}/`));
    expect(server.open()).toBe(1);
    fetcher.forget(request(`${server.url}/metrics`));
    await expect.poll(server.open).toBe(0);
    expect(await get(fetcher, request(server.url), new RecordingSink())).toMatchObject({
      kind: "ok",
    });
  });

  test.for([
    ["to a name are replaced once they are too old", "target.test", 3],
    ["to an address are kept however old", "127.0.0.1", 1],
    ["to this machine by name are kept too", "localhost", 1],
  ] as const)("%s", async ([, host, expected]) => {
    const server = await listening(page);
    const fetcher = fetcherOf({ names: HERE });
    for (let round = 0; round < 3; round++) {
      const asked = request(`http://${host}:${server.port}/`);
      const limits = { connectionAgeMs: 0.001 };
      expect((await get(fetcher, asked, new RecordingSink(), limits)).kind).toBe("ok");
    }
    expect(server.accepted()).toBe(expected);
  });

  test("are bounded in number, the longest idle goes first", async () => {
    const servers = await Promise.all([listening(page), listening(page), listening(page)]);
    const fetcher = fetcherOf({ maxIdleConnections: 2 });
    for (const server of servers) {
      await get(fetcher, request(server.url), new RecordingSink());
    }
    await expect.poll(() => servers.map((server) => server.open())).toEqual([0, 1, 1]);
  });

  test("are all closed by close, and a running fetch ends as aborted", async () => {
    const server = await listening(() => undefined);
    const fetcher = fetcherOf();
    const running = get(fetcher, request(server.url), new RecordingSink());
    await expect.poll(() => server.heads.length).toBe(1);
    await fetcher.close();
    expect(await running).toMatchObject({ kind: "failed", reason: "aborted" });
    await expect.poll(server.open).toBe(0);
  });
});

describe("the pool", () => {
  const endpoint: Endpoint = {
    url: new URL("http://127.0.0.1:9/"),
    headerBytes: 1000,
    maxAgeMs: 300_000,
  };

  test("lends a returned connection again, the last returned first", () => {
    const pool = new ConnectionPool(10, systemNames);
    const one = pool.take(endpoint, 1000, false);
    const two = pool.take(endpoint, 1000, false);
    expect(two).not.toBe(one);
    pool.give(one, 60_000);
    pool.give(two, 60_000);
    expect(pool.take(endpoint, 1000, false)).toBe(two);
    expect(pool.take(endpoint, 1000, true)).not.toBe(one);
    expect(pool.idleCount).toBe(1);
  });

  test("keeps at most two of an endpoint, and none with bytes left on the wire", () => {
    const pool = new ConnectionPool(10, systemNames);
    const lent = [1, 2, 3].map(() => pool.take(endpoint, 1000, false));
    const cut = pool.take(endpoint, 1000, false);
    pool.give(cut, 0);
    expect(pool.idleCount).toBe(0);
    for (const connection of lent) {
      pool.give(connection, 60_000);
    }
    expect(pool.idleCount).toBe(2);
    expect(cut.destroyed).toBe(true);
  });

  test("lends no connection that has been destroyed, though its socket is not closed yet", () => {
    const pool = new ConnectionPool(10, systemNames);
    const connection = pool.take(endpoint, 1000, false);
    pool.give(connection, 60_000);
    connection.destroy();
    expect(pool.take(endpoint, 1000, false)).not.toBe(connection);
  });

  test("lends no connection that was idle too long, and closes it in time", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const pool = new ConnectionPool(10, systemNames);
    const [short, long] = [pool.take(endpoint, 1000, false), pool.take(endpoint, 1000, false)];
    pool.give(long, 40_000);
    pool.give(short, 4000);
    vi.advanceTimersByTime(4000);
    expect(pool.take(endpoint, 1000, false)).toBe(long);
    expect(short.destroyed).toBe(true);
    pool.give(long, 40_000);
    vi.advanceTimersByTime(39_000);
    expect(pool.idleCount).toBe(1);
    vi.advanceTimersByTime(20_000);
    expect(pool.idleCount).toBe(0);
    expect(long.destroyed).toBe(true);
    vi.useRealTimers();
  });

  test("never lends across origins, sockets, header limits or TLS identities", async () => {
    const identities = new TlsIdentities(new ManualClock(), () => undefined);
    const identity = await identities.get();
    const pool = new ConnectionPool(10, systemNames);
    const first = pool.take(endpoint, 1000, false);
    pool.give(first, 60_000);
    const others: Partial<Endpoint>[] = [
      { url: new URL("http://127.0.0.1:10/") },
      { udsPath: "/a.sock" },
      { headerBytes: 1001 },
      "serial" in identity ? { identity } : {},
    ];
    for (const other of others) {
      expect(pool.take({ ...endpoint, ...other }, 1000, false)).not.toBe(first);
    }
    expect(pool.idleCount).toBe(1);
  });

  test("does not keep a connection whose identity was retired while it was lent", async () => {
    const identity = await new TlsIdentities(new ManualClock(), () => undefined).get();
    if (!("serial" in identity)) {
      throw new Error("no identity");
    }
    const pool = new ConnectionPool(10, systemNames);
    const connection = pool.take({ ...endpoint, identity }, 1000, false);
    expect(pool.uses(identity)).toBe(true);
    identity.retired = true;
    pool.give(connection, 60_000);
    expect(pool.idleCount).toBe(0);
    expect(pool.uses(identity)).toBe(false);
  });
});
