import { expect, test } from "vitest";
import type { Names } from "../../../../src/dial/names.ts";
import { callApi } from "../../../../src/discovery/kubernetes/api/api-client.ts";

const TIMEOUTS = { connectMs: 100, headMs: 1000, silenceMs: 1000 };

/** What a call to a server with a name comes to, where its names are looked up so. */
async function callBy(lookup: Names["lookup"], signal = new AbortController().signal) {
  const names: Names = { lookup, worked: () => undefined, failed: () => undefined };
  const access = { server: new URL("https://api.test:6443"), insecureSkipVerify: false };
  const call = { method: "GET", path: "/", timeouts: TIMEOUTS, onBytes: () => undefined } as const;
  const end = await callApi(access, call, signal, names);
  return end.kind === "ok" ? "ok" : end.reason;
}

test.for(["ENOTFOUND", "EAI_AGAIN"] as const)(
  "no address for the server (%s): dns",
  async (code) => {
    expect(await callBy(async () => ({ kind: "fault", code, detail: "no address" }))).toBe("dns");
  },
);

test("no answer about the server's address in time: dns", async () => {
  expect(await callBy(() => new Promise(() => undefined))).toBe("dns");
});

test("nobody at any of the server's addresses: unreachable", async () => {
  const addresses = ["127.0.0.9", "127.0.0.10"];
  expect(await callBy(async () => ({ kind: "addresses", addresses }))).toBe("unreachable");
});

test("called off while the server's address is looked up: aborted", async () => {
  const abort = new AbortController();
  const ended = callBy(() => new Promise(() => abort.abort()), abort.signal);
  expect(await ended).toBe("aborted");
});
