/** The unfinished line at the end of a chunk, until the next chunk brings the rest. */
export class HeldLine {
  /** The line became too long to hold: the cold path's splitter has it and waits for its end. */
  splitting = false;
  /** Bytes held; 0: no line is. */
  length = 0;
  #bytes = new Uint8Array(512);

  begin(): void {
    this.length = 0;
    this.splitting = false;
  }

  hold(line: Uint8Array): void {
    if (line.length > this.#bytes.length) {
      this.#bytes = new Uint8Array(Math.max(line.length, 2 * this.#bytes.length));
    }
    this.#bytes.set(line);
    this.length = line.length;
  }

  /** What was held; nothing is from here on. Valid until the next `hold`. */
  take(): Uint8Array {
    const held = this.#bytes.subarray(0, this.length);
    this.length = 0;
    return held;
  }
}
