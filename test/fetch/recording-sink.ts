import type { PageSink, PageStop } from "../../src/page-sink.ts";

/** Keeps what it is given; `chunkStop` and `gate` let a test refuse or delay the page. */
export class RecordingSink implements PageSink {
  contentType: string | undefined = "not started";
  starts = 0;
  chunks: Buffer[] = [];
  chunkStop: PageStop | undefined;
  /** Asked for after each chunk. */
  gate: () => Promise<void> | undefined = () => undefined;

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  start(contentType: string | undefined): void {
    this.starts++;
    this.contentType = contentType;
  }

  chunk(bytes: Uint8Array): PageStop | undefined {
    this.chunks.push(Buffer.from(bytes));
    return this.chunkStop;
  }

  ready(): Promise<void> | undefined {
    return this.gate();
  }
}

/** Counts bytes and keeps none, for pages too large to hold. */
export class CountingSink implements PageSink {
  bytes = 0;

  start(): void {
    this.bytes = 0;
  }

  chunk(bytes: Uint8Array): undefined {
    this.bytes += bytes.length;
  }

  ready(): undefined {
    return;
  }
}
