import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { parsePromInputs } from "../../config/input/parse-prom-inputs.ts";
import type { ConfigIssue } from "../../config/language/config-issue.ts";
import { processEnvironment } from "../../config/language/environment.ts";
import { staticTargets } from "../../discovery/static-targets.ts";
import { type NamePreview, previewFilters } from "../../points/filter-preview.ts";
import { HeldPage } from "../../scrape/held-page.ts";
import { TargetPages } from "../../scrape/page-reader.ts";
import type { ScrapeTarget } from "../../scrape/scrape-target.ts";
import { Scraper } from "../../scrape/scraper.ts";
import { scrapeTargetOf, type TargetGlobals } from "../targets/target-spec.ts";
import { globalSettings } from "./global-settings.ts";

/** Filters as `[[inputs.prom]]` has them. */
export interface WhatifFilters {
  readonly filter: readonly string[];
  readonly ignore: readonly string[];
  readonly types: readonly string[];
}

/** Line protocol of a page, before and after compression. */
interface OutputBytes {
  readonly points: number;
  readonly bytes: number;
  readonly gzipBytes: number;
}

export type Whatif =
  | {
      readonly kind: "answer";
      readonly names: readonly NamePreview[];
      readonly before: OutputBytes;
      readonly after: OutputBytes;
      /** Keys for the `[[inputs.prom]]` table, exactly what was tried. */
      readonly toml: string;
    }
  | { readonly kind: "wrong"; readonly issues: readonly ConfigIssue[] }
  | { readonly kind: "unreadable"; readonly detail: string };

const NO_FILTERS: WhatifFilters = { filter: [], ignore: [], types: [] };

const NO_GLOBALS: TargetGlobals = { globalHostTags: {}, globalElectionTags: {} };

/**
 * What filters would keep and drop of a page: a URL, a file, or `-` for standard input. `configFile` is the agent's settings:
 * then what is sent is what their rules and tags make of it.
 */
export async function whatif(
  page: string,
  filters: WhatifFilters,
  signal: AbortSignal,
  configFile?: string,
): Promise<Whatif> {
  const { globals, issues } = await globalsOf(configFile);
  const wrong = issues.filter(({ severity }) => severity === "error");
  if (wrong.length > 0) {
    return { kind: "wrong", issues: wrong };
  }
  const tried = targetWith(page, filters, globals);
  const plain = targetWith(page, NO_FILTERS, globals);
  if ("issues" in tried || "issues" in plain) {
    return { kind: "wrong", issues: "issues" in tried ? tried.issues : [] };
  }
  const held = await heldPage(page, plain, signal);
  if ("detail" in held) {
    return { kind: "unreadable", detail: held.detail };
  }
  const names = previewFilters(held.bytes, held.dialect, tried.rules);
  if (names.length === 0) {
    return { kind: "unreadable", detail: "the page has no sample" };
  }
  const before = await outputOf(plain, held, signal);
  const after = await outputOf(tried, held, signal);
  return { kind: "answer", names, before, after, toml: tomlOf(filters) };
}

async function globalsOf(configFile: string | undefined) {
  if (configFile === undefined) {
    return { globals: NO_GLOBALS, issues: [] };
  }
  const { settings, issues } = await globalSettings(configFile, processEnvironment());
  return { globals: settings, issues };
}

/** Read as a drop-in would be, so that what is tried is what is pasted. */
function targetWith(
  page: string,
  filters: WhatifFilters,
  globals: TargetGlobals,
): ScrapeTarget | { readonly issues: readonly ConfigIssue[] } {
  const url = page === "-" ? "/dev/stdin" : page;
  const text = `[[inputs.prom]]\nurl = ${JSON.stringify(url)}\n${tomlOf(filters)}`;
  const options = { file: "--filter", expandEnvironment: false, allowSingleTable: true } as const;
  const { inputs, issues } = parsePromInputs(text, options);
  const { targets, issues: more } = staticTargets(inputs);
  const [target] = targets;
  // A pattern that does not compile is left out of a drop-in with a warning: an answer without it would be of no use.
  const wrong = [...issues, ...more].filter(
    ({ severity, key }) => severity === "error" || key.startsWith("inputs.prom.metric_"),
  );
  if (target === undefined || wrong.length > 0) {
    return { issues: wrong };
  }
  const { up: _, ...spec } = scrapeTargetOf(target, globals);
  return spec;
}

function tomlOf({ filter, ignore, types }: WhatifFilters): string {
  const keys = {
    metric_types: types,
    metric_name_filter: filter,
    metric_name_filter_ignore: ignore,
  };
  return Object.entries(keys)
    .filter(([, patterns]) => patterns.length > 0)
    .map(
      ([key, patterns]) => `${key} = [${patterns.map((one) => JSON.stringify(one)).join(", ")}]\n`,
    )
    .join("");
}

async function heldPage(
  page: string,
  target: ScrapeTarget,
  signal: AbortSignal,
): Promise<HeldPage | { readonly detail: string }> {
  if (target.page.kind === "http") {
    const pages = new TargetPages();
    try {
      return await HeldPage.of(target, pages, signal);
    } finally {
      await pages.close();
    }
  }
  try {
    const bytes = page === "-" ? await buffer(process.stdin) : await readFile(page);
    return HeldPage.captured(bytes);
  } catch (error) {
    return { detail: error instanceof Error ? error.message : String(error) };
  }
}

async function outputOf(
  target: ScrapeTarget,
  page: HeldPage,
  signal: AbortSignal,
): Promise<OutputBytes> {
  const scraper = new Scraper(page);
  const report = await scraper.scrape(target, Date.now(), () => undefined, signal);
  await scraper.close();
  const { counts, outputBytes, compressedBytes } = report;
  return { points: counts.points, bytes: outputBytes, gzipBytes: compressedBytes };
}
