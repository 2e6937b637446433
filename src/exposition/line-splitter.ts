/** Takes one line of a page: `bytes[start, end)` without its line end. The view is valid during the call only. */
export interface LineConsumer {
  line(bytes: Uint8Array, start: number, end: number, lineNumber: number): void;
  /** A line longer than the limit: `bytes[start, end)` is its beginning. */
  tooLong(bytes: Uint8Array, start: number, end: number, lineNumber: number): void;
}

/**
 * Cuts a page that arrives in chunks into lines (`\n`, or `\r\n`), holding at most one line. A chunk may end anywhere.
 * Lines wholly within a chunk are handed on in place; only a line that straddles chunks is copied, into a window that
 * grows up to `maxLineBytes` and is kept.
 */
export class LineSplitter {
  readonly maxLineBytes: number;

  constructor(maxLineBytes: number) {
    this.maxLineBytes = maxLineBytes;
  }

  /** Forgets what is held and starts a page at line 1. */
  reset(): void {
    throw new Error("not built yet");
  }

  push(_chunk: Uint8Array, _consumer: LineConsumer): void {
    throw new Error("not built yet");
  }

  /** The page ended: hands on the last line where it had no line end. */
  end(_consumer: LineConsumer): void {
    throw new Error("not built yet");
  }
}
