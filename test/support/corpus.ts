import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { test } from "vitest";

const BESIDE = fileURLToPath(new URL("../../../shared/corpus", import.meta.url));

/**
 * Folder of the test corpus: `PROMLINE_CORPUS`, or `../shared/corpus` beside the
 * repository; undefined where neither is.
 */
const corpusPath: string | undefined = [process.env["PROMLINE_CORPUS"], BESIDE].find(
  (path) => path !== undefined && path !== "" && existsSync(join(path, "open")),
);

/** One case of a suite: the common fields, and what its suite adds. */
export interface SuiteCase {
  readonly suite: string;
  readonly id: string;
  readonly verdict: string;
  readonly input?: string;
  readonly input_b64?: string;
  readonly format?: unknown;
  readonly oracles?: Readonly<Record<string, unknown>>;
  readonly families?: unknown;
  readonly expected_families?: unknown;
  readonly expected_samples?: unknown;
  readonly expected_entries?: unknown;
  readonly content_type?: unknown;
  readonly fallback_scrape_protocol?: unknown;
  readonly parser?: unknown;
  readonly format_detected?: unknown;
  readonly escaped?: unknown;
  readonly unescaped?: unknown;
  readonly closing_quote_index?: unknown;
  readonly envoy?: unknown;
  readonly app?: unknown;
  readonly app_text?: unknown;
  readonly app_openmetrics?: unknown;
}

/** One row of the captures' index. */
export interface Capture {
  readonly name: string;
  readonly file: string;
  readonly samples: number;
  readonly samples_sha256: string;
  readonly oracles: Readonly<
    Record<string, { verdict?: string; samples?: number; error?: string }>
  >;
}

/**
 * A test that needs the corpus: skipped with a message where it is absent, failed where services are required.
 * `body` gets the folder with the suites and captures.
 */
export function corpusTest(name: string, body: (folder: string) => Promise<void> | void): void {
  if (corpusPath !== undefined) {
    const folder = join(corpusPath, "open");
    test(name, () => body(folder));
  } else if (process.env["PROMLINE_REQUIRE_SERVICES"] === "1") {
    test(name, () => {
      throw new Error("the test corpus is required and absent (PROMLINE_CORPUS)");
    });
  } else {
    test.skip(`${name} (no test corpus: set PROMLINE_CORPUS)`, () => {});
  }
}

/** The cases of `suites/<suite>.jsonl` below `folder`, none where the suite has no file there. */
export function suiteCases(folder: string, suite: string): SuiteCase[] {
  const path = join(folder, "suites", `${suite}.jsonl`);
  return existsSync(path) ? jsonLines<SuiteCase>(readFileSync(path, "utf8")) : [];
}

/** The bytes of a case's page. */
export function inputOf(one: SuiteCase): Uint8Array {
  return one.input_b64 === undefined
    ? new TextEncoder().encode(one.input ?? "")
    : new Uint8Array(Buffer.from(one.input_b64, "base64"));
}

export function captures(folder: string): Capture[] {
  return jsonLines<Capture>(readFileSync(join(folder, "captures", "index.jsonl"), "utf8"));
}

export function captureBytes(folder: string, capture: Capture): Uint8Array {
  const directory = join(folder, "captures");
  const file = readdirSync(directory).find(
    (name) => name === capture.file || name === `${capture.file}.gz`,
  );
  const bytes = readFileSync(join(directory, file ?? capture.file));
  return file?.endsWith(".gz") === true ? gunzipSync(bytes) : bytes;
}

function jsonLines<T>(text: string): T[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}
