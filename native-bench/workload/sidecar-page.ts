import { LINES_PER_LABEL_SET, writeHistogram, writeTelemetry } from "./istio-histograms.ts";
import { sidecarLabels } from "./mesh-labels.ts";
import { type Family, PageBuilder } from "./page-builder.ts";
import type { PageLayout } from "./page-layout.ts";
import type { PageRecipe } from "./page-recipe.ts";
import type { Random } from "./random.ts";

const MOVING = 0.5;
/** Of a line with its value, on average: how many label sets make a page of a size. */
const TELEMETRY_LINE_BYTES = 923;
/** Of the agent's and Envoy's own metrics. */
const FIXED_BYTES = 40_000;

const AGENT_GAUGES =
  "go_goroutines go_threads go_memstats_alloc_bytes go_memstats_heap_inuse_bytes go_memstats_heap_objects go_memstats_stack_inuse_bytes go_memstats_next_gc_bytes process_open_fds process_max_fds process_resident_memory_bytes process_virtual_memory_bytes process_start_time_seconds endpoint_no_pod pilot_services pilot_virt_services pilot_xds pilot_no_ip pilot_conflict_inbound_listener pilot_conflict_outbound_listener_tcp_over_current_tcp wasm_cache_entries".split(
    " ",
  );
const AGENT_COUNTERS =
  "go_memstats_alloc_bytes_total go_memstats_frees_total go_memstats_mallocs_total process_cpu_seconds_total pilot_xds_pushes num_outgoing_requests scrapes_total istiod_connection_terminations".split(
    " ",
  );
const QUANTILES = ["0", "0.25", "0.5", "0.75", "1"];
const CLUSTERS =
  "agent prometheus_stats sds-grpc xds-grpc zipkin BlackHoleCluster PassthroughCluster InboundPassthroughClusterIpv4".split(
    " ",
  );
const CLUSTER_COUNTERS =
  "upstream_cx_total upstream_cx_connect_fail upstream_cx_rx_bytes_total upstream_cx_tx_bytes_total upstream_cx_destroy upstream_cx_overflow upstream_rq_total upstream_rq_timeout upstream_rq_retry update_attempt update_failure lb_healthy_panic bind_errors assignment_stale".split(
    " ",
  );
const CLUSTER_GAUGES =
  "upstream_cx_active upstream_rq_active upstream_rq_pending_active membership_total membership_healthy version circuit_breakers_default_cx_open max_host_weight".split(
    " ",
  );
const ENVOY_HISTOGRAMS =
  "envoy_server_initialization_time_ms envoy_listener_manager_lds_update_duration envoy_cluster_manager_cds_update_duration envoy_cluster_upstream_cx_connect_ms".split(
    " ",
  );
/** Values of real sidecars that are 0. */
const ZERO_SHARE = 0.5;

/**
 * A sidecar's merged page (agent, then Envoy), `size` bytes: a fixed block of some 450 short lines, and telemetry lines with
 * 25 labels of 770 to 1010 bytes, 67 for each label set.
 */
export function sidecarPage(random: Random, { size, filter }: PageRecipe): PageLayout {
  const page = new PageBuilder("envoy", filter);
  writeAgent(page, random);
  writeEnvoy(page, random);
  const perSet = LINES_PER_LABEL_SET * TELEMETRY_LINE_BYTES;
  const sets = Math.max(1, Math.round((size - FIXED_BYTES) / perSet));
  writeTelemetry(page, sidecarLabels(random, sets), random);
  return page.build(MOVING);
}

function writeAgent(page: PageBuilder, random: Random): void {
  for (const name of AGENT_GAUGES) {
    writeScalar(page, { name: `istio_agent_${name}`, type: "gauge", help: HELP }, random);
  }
  for (const name of AGENT_COUNTERS) {
    writeScalar(page, { name: `istio_agent_${name}`, type: "counter", help: HELP }, random);
  }
  page.family({ name: "istio_agent_go_gc_duration_seconds", type: "summary", help: HELP });
  page.group();
  for (const quantile of QUANTILES) {
    page.sample("", `quantile="${quantile}"`, "constant", random.below(5000) / 1e7);
  }
  page.sample("_sum", "", "seconds", random.below(1000) / 100);
  page.sample("_count", "", "counter", random.below(5000));
  page.family({ name: "istio_agent_outgoing_latency_quantiles", type: "summary", help: HELP });
  page.group();
  page.sample("", 'quantile="0.99"', "nan", Number.NaN);
  page.family({ name: "istio_build", type: "gauge", help: HELP });
  page.group();
  page.sample("", 'component="agent",tag="1.14.3"', "constant", 1);
}

function writeEnvoy(page: PageBuilder, random: Random): void {
  const families: Family[] = [
    ...CLUSTER_COUNTERS.map((name): Family => ({ name: `envoy_cluster_${name}`, type: "counter" })),
    ...CLUSTER_GAUGES.map((name): Family => ({ name: `envoy_cluster_${name}`, type: "gauge" })),
  ];
  for (const family of families) {
    page.family(family);
    for (const cluster of CLUSTERS) {
      page.group();
      const value = random.chance(ZERO_SHARE) ? 0 : random.below(1_000_000);
      const behaviour = value === 0 ? "constant" : family.type === "counter" ? "counter" : "gauge";
      page.sample("", `cluster_name="${cluster}"`, behaviour, value);
    }
  }
  for (const name of ENVOY_HISTOGRAMS) {
    page.family({ name, type: "histogram" });
    page.group();
    writeHistogram(page, "", random.below(2000));
  }
}

const HELP = "One line about what this counts.";

function writeScalar(page: PageBuilder, family: Family, random: Random): void {
  page.family(family);
  page.group();
  const value = random.chance(ZERO_SHARE) ? 0 : random.below(100_000_000);
  const behaviour = value === 0 ? "constant" : family.type === "counter" ? "counter" : "gauge";
  page.sample("", "", behaviour, value);
}
