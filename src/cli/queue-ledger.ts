import type { Disk } from "../spool/disk.ts";
import { type LedgerCount, ledgerCounts, livesIn } from "../spool/ledger-count.ts";
import { findLedger, type LedgerRecord } from "../spool/ledger-file.ts";

const LINES_OUT = ["sent", "filtered", "dropped", "malformed", "comment", "blank"];
const POINTS_IN = ["enqueued", "found"];
const POINTS_OUT = ["sent", "lost", "unknown", "queued"];

/** The ledger of a queue over all its lives, for people; with `all`, each count too. */
export async function ledgerText(disk: Disk, directory: string, all: boolean): Promise<string> {
  const { last, foreign } = await findLedger(disk, directory);
  const lines = [
    ...(last === undefined ? ["ledger: no counts that can be read"] : recordLines(last, all)),
    ...foreign.map((name) => `  ${name}: of another version, or not readable; left alone`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function recordLines({ counts, savedMs, final }: LedgerRecord, all: boolean): string[] {
  const { lives, cut, uncountedMs } = livesIn(counts);
  const rows = ledgerCounts(counts);
  const of = (measure: LedgerCount["measure"]) => rows.filter((row) => row.measure === measure);
  const saved = new Date(savedMs).toISOString();
  const unknown = `cut off: ${cut} of them; what they counted after their last save is unknown (${uncountedMs / 1000} s at most, up to the next start)`;
  return [
    `ledger: ${lives} lives, saved ${saved} ${final ? "at a stop" : "while the last one ran"}`,
    ...(cut === 0 ? [] : [`  ${unknown}`]),
    `  lines: ${balance(of("lines"), ["read"], LINES_OUT)}`,
    ...[
      ...Map.groupBy(of("points"), ({ destination, category }) => `${destination} ${category}`),
    ].map(([name, some]) => `  ${name} points: ${balance(some, POINTS_IN, POINTS_OUT)}`),
    ...(all ? rows.map((row) => `  ${countText(row)}`) : []),
  ];
}

/** `read 3 = sent 2 + lost 1`, and what is left over if there is. */
function balance(
  rows: readonly LedgerCount[],
  into: readonly string[],
  out: readonly string[],
): string {
  const sum = (fates: readonly string[]) =>
    rows.filter(({ fate }) => fates.includes(fate)).reduce((all, { count }) => all + count, 0);
  const side = (fates: readonly string[]) =>
    fates.map((fate) => `${fate} ${sum([fate])}`).join(" + ");
  const rest = sum(into) - sum(out);
  return `${side(into)} = ${side(out)}${rest === 0 ? "" : `, which is out by ${rest}`}`;
}

function countText({ measure, destination, category, fate, reason, count }: LedgerCount): string {
  const parts = [destination, category, measure, fate, reason];
  return `${parts.filter((part) => part !== "").join(" ")} ${count}`;
}
