import { parseArgs } from "node:util";
import { type Whatif, whatif } from "../agent/commands/whatif.ts";
import { type CliIo, EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./cli-io.ts";
import { whatifOptions } from "./command-options.ts";

/** Names listed as kept, and as dropped. */
const MAX_SHOWN = 20;

type Answer = Extract<Whatif, { readonly kind: "answer" }>;

/** `promline whatif`: what filters do to a page. Resolves to the exit code: 1 where the page cannot be had, 2 for a wrong filter. */
export async function whatifCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: whatifOptions,
    allowPositionals: true,
  });
  const { filter = [], ignore = [], type: types = [], config } = values;
  if (filter.length + ignore.length + types.length === 0) {
    io.stderr("promline: wanted at least one --filter, --ignore or --type\n");
    return EXIT_USAGE;
  }
  const interrupted = new AbortController();
  const abort = (): void => interrupted.abort();
  process.once("SIGINT", abort);
  const page = positionals[0] as string;
  const answer = await whatif(page, { filter, ignore, types }, interrupted.signal, config);
  process.off("SIGINT", abort);
  switch (answer.kind) {
    case "wrong":
      for (const { key, message } of answer.issues) {
        io.stderr(`promline: ${key}: ${message}\n`);
      }
      return EXIT_USAGE;
    case "unreadable":
      io.stderr(`promline: ${answer.detail}\n`);
      return EXIT_FAILED;
    case "answer":
      io.stdout(answerText(answer));
      return EXIT_OK;
  }
}

function answerText({ names, before, after, toml }: Answer): string {
  const kept = names.filter(({ droppedBy }) => droppedBy === undefined);
  const dropped = names.filter(({ droppedBy }) => droppedBy !== undefined);
  const all = sumOf(names);
  return [
    `page     ${totals(all, all)}`,
    `kept     ${totals(sumOf(kept), all)}`,
    `dropped  ${totals(sumOf(dropped), all)}`,
    `sent     ${count(before.bytes)} -> ${count(after.bytes)} bytes of line protocol, ${count(before.gzipBytes)} -> ${count(after.gzipBytes)} compressed, ${count(before.points)} -> ${count(after.points)} points`,
    ...listed("kept", kept),
    ...listed("dropped", dropped),
    "",
    "for the [[inputs.prom]] table:",
    "",
    toml,
  ].join("\n");
}

interface Sum {
  readonly series: number;
  readonly bytes: number;
}

function sumOf(names: Answer["names"]): Sum {
  return {
    series: names.reduce((sum, { series }) => sum + series, 0),
    bytes: names.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function totals({ series, bytes }: Sum, all: Sum): string {
  const shares = `${percent(series, all.series)} of the series, ${percent(bytes, all.bytes)} of the bytes`;
  return `${count(series)} series, ${count(bytes)} bytes (${shares})`;
}

/** The largest first. */
function listed(title: string, names: Answer["names"]): string[] {
  const sorted = names.toSorted((left, right) => right.bytes - left.bytes);
  const shown = sorted.slice(0, MAX_SHOWN).map(({ name, series, bytes, droppedBy }) => {
    const why = droppedBy === undefined ? "" : `  by ${droppedBy}`;
    return `  ${count(series).padStart(9)} series ${count(bytes).padStart(12)} bytes  ${name}${why}`;
  });
  const more = names.length - shown.length;
  return ["", `${title}, by name:`, ...shown, ...(more > 0 ? [`  … and ${more} more`] : [])];
}

function percent(part: number, whole: number): string {
  return `${(whole === 0 ? 0 : (100 * part) / whole).toFixed(1)} %`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
