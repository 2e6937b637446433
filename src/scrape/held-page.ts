import { dialectOf } from "../exposition/content-type.ts";
import type { Dialect } from "../exposition/dialect.ts";
import type { FetchOutcome } from "../fetch/fetch-outcome.ts";
import type { PageSink } from "../page-sink.ts";
import { KIB } from "../units.ts";
import type { PageReader } from "./page-reader.ts";
import type { ScrapeTarget } from "./scrape-target.ts";

const OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const CHUNK_BYTES = 64 * KIB;

/** A page in memory that can be read again and again, whatever the target says. For showing, not for scraping. */
export class HeldPage implements PageReader {
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;

  constructor(bytes: Uint8Array, contentType: string | undefined) {
    this.bytes = bytes;
    this.contentType = contentType;
  }

  /** A captured page; OpenMetrics is known by the `# EOF` at its end, as there is no Content-Type. */
  static captured(bytes: Uint8Array): HeldPage {
    const tail = new TextDecoder().decode(bytes.subarray(-64)).trimEnd();
    return new HeldPage(bytes, tail.endsWith("# EOF") ? OPENMETRICS : undefined);
  }

  /** How it is read; a type that is none of ours is read as text. */
  get dialect(): Dialect {
    const dialect = dialectOf(this.contentType);
    return dialect === "unsupported" ? "text" : dialect;
  }

  /** The page of a target as it is now, or why it cannot be had. */
  static async of(
    target: ScrapeTarget,
    from: PageReader,
    signal: AbortSignal,
  ): Promise<HeldPage | Extract<FetchOutcome, { readonly kind: "failed" }>> {
    const chunks: Uint8Array[] = [];
    let type: string | undefined;
    const sink: PageSink = {
      start: (contentType) => {
        type = contentType;
      },
      chunk: (bytes) => {
        // Not slice(): of a Buffer that is a view on memory that is used again.
        chunks.push(new Uint8Array(bytes));
        return undefined;
      },
      ready: () => undefined,
    };
    const outcome = await from.read(target, sink, signal);
    return outcome.kind === "ok" ? new HeldPage(Buffer.concat(chunks), type) : outcome;
  }

  async read(_target: ScrapeTarget, sink: PageSink): Promise<FetchOutcome> {
    const tally = { wireBytes: this.bytes.length, bodyBytes: this.bytes.length };
    sink.start(this.contentType);
    for (let at = 0; at < this.bytes.length; at += CHUNK_BYTES) {
      const stop = sink.chunk(this.bytes.subarray(at, at + CHUNK_BYTES));
      if (stop !== undefined) {
        return { kind: "failed", reason: stop, detail: `stopped: ${stop}`, ...tally };
      }
      await sink.ready();
    }
    return { kind: "ok", status: 0, ...tally };
  }

  forget(): void {}

  async close(): Promise<void> {}
}
