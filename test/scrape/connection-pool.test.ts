import { describe, expect, test } from "vitest";
import { fetchFrom, get, request } from "./fetch-case.ts";
import { RecordingSink } from "./recording-sink.ts";
import { answer } from "./scripted-server.ts";
import { fetcherOf, listening, PAGE, page } from "./test-net.ts";

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
