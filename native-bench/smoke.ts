import type { LaneResult } from "./in-process/measure-lanes.ts";
import type { Measurement } from "./measure/measurement.ts";
import type { RunReport } from "./measure/schedule.ts";

/** What a smoke run found wrong, in words. Speed is never a matter of it. */
export function smokeFaults(reports: readonly RunReport[], lanes: readonly LaneResult[]): string[] {
  return [
    ...reports.flatMap((report) => {
      const where = `${report.workload} ${report.contender}`;
      return runFaults(report).map((fault) => `${where}: ${fault}`);
    }),
    ...lanes
      .filter(({ unitsPerSecond, calls }) => !(unitsPerSecond > 0) || calls === 0)
      .map(({ name, lines }) => `lane ${name} ${lines}: nothing was counted`),
  ];
}

function runFaults({ outcome }: RunReport): string[] {
  if (outcome.kind !== "measured") {
    return outcome.kind === "failed" ? [outcome.why] : [];
  }
  const { measurement } = outcome;
  const { scraped, expectedInAll, deliveredInAll, sinkFaults, steadyRssBytes } = measurement;
  return [
    ...(scraped > 0 ? [] : ["nothing was scraped within the window"]),
    ...(expectedInAll > 0 ? [] : ["nothing was to be delivered"]),
    ...(deliveredInAll === expectedInAll
      ? []
      : [`${deliveredInAll} samples arrived of ${expectedInAll}`]),
    ...encodingFaults(measurement),
    ...(sinkFaults === 0 ? [] : [`the sink could not read ${sinkFaults} bodies`]),
    ...(steadyRssBytes > 0 ? [] : ["no memory was seen"]),
  ];
}

/** Whoever asks for gzip gets it where targets compress, and only there. */
function encodingFaults({ compresses, encodings, compressed }: Measurement): string[] {
  const asked = Object.keys(encodings).some((encoding) => encoding.includes("gzip"));
  if (compressed > 0 === (compresses && asked)) {
    return [];
  }
  return [compressed > 0 ? "pages were compressed" : "it asked for gzip and got none"];
}
