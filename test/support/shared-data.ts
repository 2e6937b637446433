import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { TestContext } from "vitest";
import { skipOrFail } from "./services.ts";

const BESIDE_CHECKOUT = fileURLToPath(new URL("../../../shared", import.meta.url));

/** Real pages and conformance suites: PROMLINE_CORPUS, or `../shared/corpus`. Where there is none the test is skipped. */
function corpusDirectory(context: TestContext): string {
  return directory(context, process.env["PROMLINE_CORPUS"], "corpus");
}

/** Published DataKit configurations: PROMLINE_SEEDS, or `../shared/seed-configs`. Where there is none the test is skipped. */
export function seedDirectory(context: TestContext): string {
  return directory(context, process.env["PROMLINE_SEEDS"], "seed-configs");
}

/** The TOML within the published pod annotation, which stands four blanks deep in its YAML. */
export function seedAnnotation(context: TestContext): string {
  const yaml = readFileSync(join(seedDirectory(context), "pod-annotations.yaml"), "utf8");
  const block = /datakit\/prom\.instances: \|\n((?: {4}.*\n)+)/.exec(yaml)?.[1] ?? "";
  return block.replace(/^ {4}/gm, "");
}

/** Names of all captured pages, `.gz` ones included, sorted. */
export function captureFiles(context: TestContext): readonly string[] {
  const names = readdirSync(join(corpusDirectory(context), "open", "captures"));
  return names.filter((name) => /\.txt(\.gz)?$/.test(name)).sort();
}

/** The page as the target sent it. */
export function capture(context: TestContext, file: string): Buffer {
  return inflated(join(corpusDirectory(context), "open", "captures", file));
}

export interface CaptureFacts {
  readonly file: string;
  readonly samples: number;
  readonly lines: number;
  readonly comment: number;
  readonly blank: number;
  readonly oracles: Readonly<Record<string, { verdict?: string; error?: string | null }>>;
}

/** What is known of each captured page, by file name. */
export function captureFacts(context: TestContext): ReadonlyMap<string, CaptureFacts> {
  const index = join(corpusDirectory(context), "open", "captures", "index.jsonl");
  return new Map(jsonLines<CaptureFacts>(readFileSync(index)).map((facts) => [facts.file, facts]));
}

/** Cases of a conformance suite; `Case` is what the reader of that suite expects. */
export function suiteCases<Case>(context: TestContext, file: string): readonly Case[] {
  return jsonLines<Case>(inflated(join(corpusDirectory(context), "open", "suites", file)));
}

function directory(context: TestContext, named: string | undefined, beside: string): string {
  const path = named ?? join(BESIDE_CHECKOUT, beside);
  return existsSync(path) ? path : skipOrFail(context, `no ${beside} at ${path}`);
}

function inflated(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

function jsonLines<Row>(bytes: Buffer): readonly Row[] {
  const lines = bytes.toString("utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Row);
}
