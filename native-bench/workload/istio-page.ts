import { LINES_PER_LABEL_SET, writeTelemetry } from "./istio-histograms.ts";
import { shortMeshLabels } from "./mesh-labels.ts";
import { type Family, PageBuilder } from "./page-builder.ts";
import type { PageLayout } from "./page-layout.ts";
import type { PageRecipe } from "./page-recipe.ts";
import type { Random } from "./random.ts";

/** Share of the label sets' families that see requests between two scrapes. */
const MOVING = 0.5;

/** What a page has beside telemetry, used from the front. */
const EXTRAS: readonly Family[] = [
  "process_cpu_seconds_total",
  "process_virtual_memory_bytes",
  "process_resident_memory_bytes",
  "go_goroutines",
  "pilot_services",
  "pilot_virt_services",
].map((name) => ({ name, type: name.endsWith("_total") ? "counter" : "gauge" }));

/** Names of the filter of W2: with the six of `EXTRAS`, 9 % of 5,000 samples. */
export const NINE_PERCENT: readonly string[] = [
  "istio_request_duration_milliseconds_sum",
  "istio_request_duration_milliseconds_count",
  "istio_request_bytes_sum",
  "istio_request_bytes_count",
  "istio_response_bytes_sum",
  "istio_response_bytes_count",
  ...EXTRAS.map(({ name }) => name),
];

/** Long lines: a mesh's request telemetry with 12 labels, about 390 bytes a line, `size` samples exactly. */
export function istioPage(random: Random, { size, filter }: PageRecipe): PageLayout {
  const page = new PageBuilder("envoy", filter);
  const sets = Math.floor(size / LINES_PER_LABEL_SET);
  writeTelemetry(page, shortMeshLabels(random, sets), random);
  for (let extra = 0; page.lines < size; extra++) {
    const family = EXTRAS[extra] ?? cluster(extra);
    page.family(family);
    page.group();
    page.sample("", "", family.type === "counter" ? "counter" : "gauge", random.below(100_000));
  }
  return page.build(MOVING);
}

function cluster(index: number): Family {
  return { name: `envoy_server_statistic_${index}`, type: index % 2 === 0 ? "counter" : "gauge" };
}
