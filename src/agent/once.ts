import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import { loadConfDir } from "../config/conf-dir.ts";
import type { Environment } from "../config/environment.ts";
import { loadAgentSettings } from "../config/load-agent-settings.ts";
import type { ConfigIssue } from "../config/prom-input.ts";
import { type DesiredTarget, staticTargets } from "../discovery/static-targets.ts";
import { CapturedPage, TargetPages } from "../scrape/page-reader.ts";
import type { ScrapeReport } from "../scrape/scrape-report.ts";
import type { ScrapeTarget } from "../scrape/scrape-target.ts";
import { Scraper } from "../scrape/scraper.ts";
import { type DroppedTarget, relabelTargets } from "./target-relabel.ts";
import { scrapeTargetOf } from "./target-spec.ts";

/** A target of `once`: no `up` point, and only the global tags the environment names. */
interface OnceTarget {
  readonly desired: DesiredTarget;
  readonly target: ScrapeTarget;
}

/** The settings of the agent are not looked at, but for protection of intervals, which one scrape does not need. */
const NO_TARGET_RULES = {
  targetRelabel: { flavour: "prometheus", rules: [] },
  protectMode: false,
} as const;

export async function onceTargets(
  file: string,
  environment: Environment,
): Promise<{
  targets: readonly OnceTarget[];
  dropped: readonly DroppedTarget[];
  issues: readonly ConfigIssue[];
}> {
  // The file alone: what else the environment declares is not asked for.
  const conf = await loadConfDir(file, { ...environment, ENV_DATAKIT_INPUTS: undefined });
  const tags = await declaredTags(environment);
  const globals = { globalHostTags: tags, globalElectionTags: tags };
  const found = staticTargets(conf.inputs);
  const { targets, dropped, issues } = relabelTargets(found.targets, NO_TARGET_RULES);
  return {
    dropped,
    targets: targets.map((desired) => {
      const { up: _, ...target } = scrapeTargetOf(desired, globals);
      return { desired, target };
    }),
    issues: [...conf.issues, ...found.issues, ...issues],
  };
}

/** The global tags that the environment names. The agent adds `host` to them; a file tried out on a laptop does not need it. */
async function declaredTags(environment: Environment): Promise<Readonly<Record<string, string>>> {
  const { settings } = await loadAgentSettings(undefined, environment);
  const named = environment["ENV_GLOBAL_HOST_TAGS"] ?? environment["ENV_GLOBAL_TAGS"] ?? "";
  const { host, ...others } = settings.globalHostTags;
  return host !== undefined && /(^|,)host=/.test(named) ? { ...others, host } : others;
}

export interface OnceOptions {
  /** File to read in place of every URL, `-` for standard input. */
  readonly page: string | undefined;
  /** Unix milliseconds; now where absent. */
  readonly atMs: number | undefined;
  readonly signal: AbortSignal;
  /** Takes whole lines of line protocol; a promise pauses the scrape until it resolves. */
  readonly output: (lines: string) => Promise<void> | undefined;
}

export type OnceScrape =
  | {
      readonly kind: "scraped";
      readonly url: string;
      readonly source: string;
      readonly report: ScrapeReport;
    }
  | { readonly kind: "unreadable"; readonly detail: string };

/** Scrapes one target after the other. */
export async function* scrapeOnce(
  targets: readonly OnceTarget[],
  options: OnceOptions,
): AsyncGenerator<OnceScrape> {
  let page: ExpositionPage | undefined;
  let scraper: Scraper | undefined;
  try {
    page = options.page === undefined ? undefined : await regularFile(options.page);
    scraper = new Scraper(page === undefined ? new TargetPages() : new CapturedPage(page.path));
    for (const { desired, target } of targets) {
      const report = await scraper.scrape(
        target,
        options.atMs ?? Date.now(),
        ({ gzip }) => options.output(gunzipSync(gzip).toString("utf8")),
        options.signal,
      );
      const { location, input } = desired;
      const url = location.kind === "http" ? location.url : location.path;
      yield { kind: "scraped", url, source: input.source, report };
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && scraper === undefined) {
      yield { kind: "unreadable", detail: error.message };
    } else {
      throw error;
    }
  } finally {
    await scraper?.close();
    await page?.remove();
  }
}

interface ExpositionPage {
  readonly path: string;
  remove(): Promise<void>;
}

/** A file with these bytes that can be read once for each URL: a pipe is copied to a scratch directory. */
async function regularFile(page: string): Promise<ExpositionPage> {
  if (page !== "-" && (await stat(page)).isFile()) {
    return { path: page, remove: () => Promise.resolve() };
  }
  const scratch = await mkdtemp(join(tmpdir(), "promline-once-"));
  const remove = (): Promise<void> => rm(scratch, { recursive: true, force: true });
  const path = join(scratch, "page");
  try {
    await pipeline(page === "-" ? process.stdin : createReadStream(page), createWriteStream(path));
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, remove };
}
