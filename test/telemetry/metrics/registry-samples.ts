import type { Registry } from "prom-client";

/** The samples of a registry's page, one line each. */
export async function samplesOf(registry: Registry): Promise<string[]> {
  const page = await registry.metrics();
  return page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}
