import { expect, test } from "vitest";
import { adminPage } from "../../../src/telemetry/admin/admin-pages.ts";

const TARGETS = {
  status: "success",
  data: { activeTargets: [], droppedTargets: [], droppedTargetCounts: {} },
} as const;

function page(path: string, notReady?: string, trusted = true) {
  const query = new URLSearchParams("series=up");
  return adminPage(
    { path, query, trusted },
    {
      metrics: async () => "a 1\n",
      targets: () => TARGETS,
      relabel: (asked) => ({ status: 200, content: { series: asked.get("series") } }),
      notReady: () => notReady,
    },
  );
}

test.each([
  ["/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", "a 1\n"],
  ["/-/healthy", 200, "text/plain; charset=utf-8", "healthy\n"],
  ["/-/ready", 200, "text/plain; charset=utf-8", "ready\n"],
  ["/api/v1/targets", 200, "application/json; charset=utf-8", JSON.stringify(TARGETS)],
  ["/api/v1/relabel", 200, "application/json; charset=utf-8", '{"series":"up"}'],
  ["/nothing", 404, "text/plain; charset=utf-8", "not found\n"],
  ["/metrics/", 404, "text/plain; charset=utf-8", "not found\n"],
])("%s", async (path, status, contentType, body) => {
  expect(await page(path)).toEqual({ status, contentType, body });
});

test("the index names every page", async () => {
  const { body } = await page("/");
  for (const path of ["/metrics", "/api/v1/targets", "/api/v1/relabel", "/-/healthy", "/-/ready"]) {
    expect(body).toContain(path);
  }
});

test("what rules do is told to this machine, the rest to everybody", async () => {
  expect(await page("/api/v1/relabel", undefined, false)).toMatchObject({ status: 403 });
  expect(await page("/api/v1/targets", undefined, false)).toMatchObject({ status: 200 });
});

test("not ready says why, and stays healthy", async () => {
  expect(await page("/-/ready", "no conf.d yet")).toMatchObject({
    status: 503,
    body: "not ready: no conf.d yet\n",
  });
  expect(await page("/-/healthy", "no conf.d yet")).toMatchObject({ status: 200 });
});
