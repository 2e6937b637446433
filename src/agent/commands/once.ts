import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import { systemClock } from "../../clock.ts";
import { loadConfDir } from "../../config/input/conf-dir.ts";
import type { ConfigIssue } from "../../config/language/config-issue.ts";
import type { Environment } from "../../config/language/environment.ts";
import { askedEncoding } from "../../discovery/asked-encoding.ts";
import { NodeAddresses } from "../../discovery/node-addresses.ts";
import { type DesiredTarget, staticTargets } from "../../discovery/static-targets.ts";
import { CapturedPage, TargetPages } from "../../scrape/page-reader.ts";
import type { ScrapeReport } from "../../scrape/scrape-report.ts";
import type { ScrapeTarget } from "../../scrape/scrape-target.ts";
import { Scraper } from "../../scrape/scraper.ts";
import { type DroppedTarget, relabelTargets } from "../targets/target-relabel.ts";
import { scrapeTargetOf } from "../targets/target-spec.ts";
import { globalSettings } from "./global-settings.ts";

/** A target of `once`: no `up` point. */
interface OnceTarget {
  readonly desired: DesiredTarget;
  readonly target: ScrapeTarget;
}

/** The targets of a file; `configFile` is the agent's settings, whose rules and tags hold for all inputs. */
export async function onceTargets(
  file: string,
  environment: Environment,
  configFile?: string,
): Promise<{
  targets: readonly OnceTarget[];
  dropped: readonly DroppedTarget[];
  issues: readonly ConfigIssue[];
}> {
  // The file alone: what else the environment declares is not asked for.
  const conf = await loadConfDir(file, { ...environment, ENV_DATAKIT_INPUTS: undefined });
  const global = await globalSettings(configFile, environment);
  const found = staticTargets(conf.inputs);
  // Intervals are not protected: there is one scrape.
  const rules = { ...global.settings, protectMode: false };
  const { targets, dropped, issues } = relabelTargets(found.targets, rules);
  const node = new NodeAddresses({ clock: systemClock, changed: () => undefined });
  return {
    dropped,
    targets: targets.map((desired) => {
      const { up: _, ...target } = scrapeTargetOf(
        desired,
        global.settings,
        askedEncoding(desired, (hostname) => node.has(hostname)),
      );
      return { desired, target };
    }),
    issues: [...global.issues, ...conf.issues, ...found.issues, ...issues],
  };
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
      const { address, input } = desired;
      const url = address.kind === "http" ? address.url : address.path;
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
