import { expect, test } from "vitest";
import { garbage, page, TargetServer } from "./targets.ts";

const PAGE = "a_b 1\nc_d 2\n";

test("pages, compressed ones, failures and redirects", async () => {
  const targets = await TargetServer.start({
    "/plain": page(PAGE),
    "/zstd": { kind: "page", body: PAGE, encoding: "zstd" },
    "/error": { kind: "page", body: "no", status: 500 },
    "/redirect": { kind: "redirect", location: "/plain" },
    "/garbage": garbage(),
  });
  expect(await (await fetch(targets.url("/plain"))).text()).toBe(PAGE);
  expect(await (await fetch(targets.url("/zstd"))).text()).toBe(PAGE);
  expect((await fetch(targets.url("/error"))).status).toBe(500);
  expect(await (await fetch(targets.url("/redirect"))).text()).toBe(PAGE);
  expect((await (await fetch(targets.url("/garbage"))).arrayBuffer()).byteLength).toBe(4096);
  expect(targets.hits("/plain")).toHaveLength(2);
  expect((await fetch(targets.url("/unknown"))).status).toBe(404);
});

test.each(["hang", "endless", "endless-line"] as const)(
  "%s does not end by itself",
  async (kind) => {
    const targets = await TargetServer.start({ "/": { kind } });
    const signal = AbortSignal.timeout(200);
    await expect(fetch(targets.url("/"), { signal }).then((got) => got.text())).rejects.toThrow();
  },
);

test("a reset and a body cut short fail", async () => {
  const targets = await TargetServer.start({
    "/reset": { kind: "reset" },
    "/cut": { kind: "cut", body: PAGE },
  });
  await expect(fetch(targets.url("/reset"))).rejects.toThrow();
  await expect(fetch(targets.url("/cut")).then((got) => got.text())).rejects.toThrow();
});

test("a page may come byte by byte", async () => {
  const targets = await TargetServer.start({ "/": { kind: "drip", body: PAGE, everyMs: 1 } });
  expect(await (await fetch(targets.url("/"))).text()).toBe(PAGE);
});
