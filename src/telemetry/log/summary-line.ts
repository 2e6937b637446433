import { GIB, KIB, MIB } from "../../units.ts";
import type { TargetHealthCounts } from "../scrape-tally.ts";

/** What went to one destination since the last flush. */
export interface DestinationSummary {
  /** Its name or, for a file, its path; never a URL with a secret. */
  readonly name: string;
  readonly points: number;
  readonly samples: number;
  /** Bytes of line protocol before compression. */
  readonly bytes: number;
  /** Points given up since the last flush, and points that wait now. */
  readonly lostPoints: number;
  readonly queuedPoints: number;
}

/** One line for people, with its line end: `targets 1 up, 0 down | 512 samples, 480 points, 42.1 KiB -> data/out.lp`. */
export function summaryLine(
  { up, down, unknown }: TargetHealthCounts,
  destinations: readonly DestinationSummary[],
): string {
  const waiting = unknown === 0 ? "" : `, ${unknown} not scraped yet`;
  return `${[`targets ${up} up, ${down} down${waiting}`, ...destinations.map(destination)].join(" | ")}\n`;
}

function destination(summary: DestinationSummary): string {
  const { name, samples, points, bytes, lostPoints, queuedPoints } = summary;
  const asides = [
    ...(lostPoints === 0 ? [] : [`${count(lostPoints)} points lost`]),
    ...(queuedPoints === 0 ? [] : [`${count(queuedPoints)} points waiting`]),
  ];
  const aside = asides.length === 0 ? "" : ` (${asides.join(", ")})`;
  return `${count(samples)} samples, ${count(points)} points, ${size(bytes)} -> ${name}${aside}`;
}

/** `12,345`: the same on every machine. */
function count(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function size(bytes: number): string {
  if (bytes < KIB) {
    return `${bytes} B`;
  }
  const [unit, name] = bytes < MIB ? [KIB, "KiB"] : bytes < GIB ? [MIB, "MiB"] : [GIB, "GiB"];
  return `${(bytes / unit).toFixed(1)} ${name}`;
}
