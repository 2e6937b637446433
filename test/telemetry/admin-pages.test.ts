import { expect, test } from "vitest";
import { adminPage } from "../../src/telemetry/admin-pages.ts";

const TARGETS = {
  status: "success",
  data: { activeTargets: [], droppedTargets: [], droppedTargetCounts: {} },
} as const;

function page(path: string, notReady?: string) {
  return adminPage(path, {
    metrics: async () => "a 1\n",
    targets: () => TARGETS,
    notReady: () => notReady,
  });
}

test.each([
  ["/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", "a 1\n"],
  ["/-/healthy", 200, "text/plain; charset=utf-8", "healthy\n"],
  ["/-/ready", 200, "text/plain; charset=utf-8", "ready\n"],
  ["/api/v1/targets", 200, "application/json; charset=utf-8", JSON.stringify(TARGETS)],
  ["/nothing", 404, "text/plain; charset=utf-8", "not found\n"],
  ["/metrics/", 404, "text/plain; charset=utf-8", "not found\n"],
])("%s", async (path, status, contentType, body) => {
  expect(await page(path)).toEqual({ status, contentType, body });
});

test("the index names every page", async () => {
  const { body } = await page("/");
  for (const path of ["/metrics", "/api/v1/targets", "/-/healthy", "/-/ready"]) {
    expect(body).toContain(path);
  }
});

test("not ready says why, and stays healthy", async () => {
  expect(await page("/-/ready", "no conf.d yet")).toMatchObject({
    status: 503,
    body: "not ready: no conf.d yet\n",
  });
  expect(await page("/-/healthy", "no conf.d yet")).toMatchObject({ status: 200 });
});
