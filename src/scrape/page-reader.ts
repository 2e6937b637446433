import type { Names } from "../dial/names.ts";
import { systemNames } from "../dial/system-names.ts";
import type { FetchOutcome } from "../fetch/fetch-outcome.ts";
import { PageFetcher } from "../fetch/page-fetcher.ts";
import { readPageFile } from "../fetch/page-file.ts";
import { fetchRawPage } from "../fetch/raw-page.ts";
import type { PageSink } from "../page-sink.ts";
import type { ScrapeTarget } from "./scrape-target.ts";

/** Where the bytes of a target's page come from. */
export interface PageReader {
  /** Feeds the page to `sink`; rejects only with what the sink threw. */
  read(target: ScrapeTarget, sink: PageSink, signal: AbortSignal): Promise<FetchOutcome>;
  /** Lets go of what is kept for a target. */
  forget(target: ScrapeTarget): void;
  close(): Promise<void>;
}

/** From where the target says: HTTP, or a local file. */
export class TargetPages implements PageReader {
  readonly #fetcher: PageFetcher;

  /** `names` look up what the addresses of targets name; default: those of the process, which live in its main thread. */
  constructor(names: Names = systemNames) {
    this.#fetcher = new PageFetcher({ names });
  }

  read(target: ScrapeTarget, sink: PageSink, signal: AbortSignal): Promise<FetchOutcome> {
    const { page, limits } = target;
    switch (page.kind) {
      case "http":
        return this.#fetcher.fetch(page.request, limits, sink, signal);
      case "file":
        return readPageFile(page.path, limits, sink, signal);
      case "raw":
        return fetchRawPage(this.#fetcher, page, limits, signal);
    }
  }

  forget({ page }: ScrapeTarget): void {
    if (page.kind !== "file") {
      this.#fetcher.forget(page.request);
    }
  }

  close(): Promise<void> {
    return this.#fetcher.close();
  }
}

/** From one file, whatever the target says. */
export class CapturedPage implements PageReader {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  read({ limits }: ScrapeTarget, sink: PageSink, signal: AbortSignal): Promise<FetchOutcome> {
    return readPageFile(this.#path, limits, sink, signal);
  }

  forget(): void {}

  async close(): Promise<void> {}
}
