import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { FetchOutcome } from "../../src/fetch/fetch-outcome.ts";
import { fetchFrom, get, LIMITS, request } from "./fetch-case.ts";
import { RecordingSink } from "./recording-sink.ts";
import type { Script } from "./scripted-server.ts";
import { fetcherOf, listening, page } from "./test-net.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nup 1\n";

/** One answer for each request, the last one again and again. */
function inTurn(...answers: readonly string[]): Script {
  let turn = 0;
  return (socket) => void socket.write(answers[Math.min(turn++, answers.length - 1)] ?? "");
}

function redirect(location: string): string {
  return `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
}

function failure(outcome: FetchOutcome): string {
  return outcome.kind === "failed" ? `${outcome.reason}: ${outcome.detail}` : "ok";
}

describe("a redirect", () => {
  test("within the origin is followed, and asks for what it says", async () => {
    const { outcome, text, heads } = await fetchFrom(inTurn(redirect("/other?x=1"), OK));
    expect(outcome).toMatchObject({ kind: "ok", status: 200, wireBytes: 5 });
    expect(text).toBe("up 1\n");
    expect(heads.map((head) => head.split("\r\n")[0])).toEqual([
      "GET /metrics HTTP/1.1",
      "GET /other?x=1 HTTP/1.1",
    ]);
  });

  test("to another origin is not, and its credentials are not told", async () => {
    const { outcome, heads } = await fetchFrom(inTurn(redirect("http://u:secret@other.test/m")));
    expect(failure(outcome)).toMatch(/^redirect: to another origin: http:\/\/.*other\.test\/m$/);
    expect(failure(outcome)).not.toContain("secret");
    expect(outcome).toMatchObject({ status: 302 });
    expect(heads).toHaveLength(1);
  });

  test("five times is followed, six times is not", async () => {
    const five = Array.from({ length: 5 }, () => redirect("/m"));
    expect(failure((await fetchFrom(inTurn(...five, OK))).outcome)).toBe("ok");
    const { outcome, heads } = await fetchFrom(inTurn(redirect("/m")));
    expect(failure(outcome)).toBe("redirect: more than 5 redirects");
    expect(heads).toHaveLength(6);
  });

  test("to no URL is a failure", async () => {
    const { outcome } = await fetchFrom(inTurn(redirect("http://[")));
    expect(failure(outcome)).toBe("redirect: the location is not a URL");
  });
});

describe("a kept connection", () => {
  /** Answers the first request on a connection and closes at the second, `times` connections long. */
  function closing(times: number): Script {
    const served = new WeakSet<Socket>();
    let closed = 0;
    return (socket) => {
      if (served.has(socket) && closed < times) {
        closed++;
        socket.destroy();
        return;
      }
      served.add(socket);
      void socket.write(OK);
    };
  }

  test("that turns out to be closed is replaced by a new one", async () => {
    const server = await listening(closing(1));
    const fetcher = fetcherOf();
    const asked = request(`${server.url}/metrics`);
    expect(failure(await get(fetcher, asked, new RecordingSink()))).toBe("ok");
    const again = new RecordingSink();
    expect(failure(await get(fetcher, asked, again))).toBe("ok");
    expect([again.text, again.starts]).toEqual(["up 1\n", 1]);
  });
});

test("a connection that was never used and closes at once is a failure, not tried again", async () => {
  const { outcome, heads } = await fetchFrom((socket) => void socket.destroy());
  expect(outcome).toMatchObject({ kind: "failed", reason: "connection_reset" });
  expect(heads).toHaveLength(1);
});

test("a fetch that was called off before it began asks for nothing", async () => {
  const server = await listening(page);
  const asked = request(`${server.url}/metrics`);
  const aborted = AbortSignal.abort();
  const outcome = await fetcherOf().fetch(asked, LIMITS, new RecordingSink(), aborted);
  expect(outcome).toMatchObject({ kind: "failed", reason: "aborted", wireBytes: 0 });
  expect(server.heads).toEqual([]);
});

test("an answer without end is cut at the total time", async () => {
  const { outcome } = await fetchFrom((socket) => void socket.write(OK.slice(0, -1)), {
    totalTimeoutMs: 50,
  });
  expect(failure(outcome)).toBe("total_timeout: not finished within 50 ms");
  expect(outcome).toMatchObject({ wireBytes: 4 });
});
