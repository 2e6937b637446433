import { expect, test } from "vitest";
import type { Access } from "../../../src/telemetry/admin/admin-access.ts";
import { adminPage } from "../../../src/telemetry/admin/admin-pages.ts";

const TARGETS = {
  status: "success",
  data: { activeTargets: [], droppedTargets: [], droppedTargetCounts: {} },
} as const;

const GRANTED: Access = { kind: "granted" };

function page(path: string, notReady?: string, access = GRANTED) {
  const query = new URLSearchParams("series=up");
  return adminPage(
    { path, query, access: async () => access },
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

test.each([
  ["/metrics", 200],
  ["/-/healthy", 200],
  ["/-/ready", 200],
  ["/", 401],
  ["/api/v1/targets", 401],
  ["/api/v1/relabel", 401],
  ["/nothing", 404],
])("for whoever is refused %s is %i", async (path, status) => {
  const access: Access = { kind: "refused", status: 401, text: "how to get in\n" };
  const found = await page(path, undefined, access);
  expect(found.status).toBe(status);
  expect(found.body.includes("how to get in")).toBe(status === 401);
});

test("not ready says why, and stays healthy", async () => {
  expect(await page("/-/ready", "no conf.d yet")).toMatchObject({
    status: 503,
    body: "not ready: no conf.d yet\n",
  });
  expect(await page("/-/healthy", "no conf.d yet")).toMatchObject({ status: 200 });
});
