import { LineBuffer } from "../lineprotocol/line-buffer.ts";
import type { Category, Emit, Payload } from "../payload.ts";
import { KIB } from "../units.ts";
import { gzipMember } from "./gzip-member.ts";
import type { LineCounts } from "./line-counts.ts";

/** Line protocol that makes one payload: large enough to compress well, small enough to join into bodies of 1 MiB. */
const PAYLOAD_BYTES = 256 * KIB;
/** Room for the line that reaches that size. */
const BUFFER_BYTES = PAYLOAD_BYTES + 16 * KIB;

/**
 * Cuts what is written to `lines` into payloads, at line ends. Compresses at level 1: the gzip of such text at level 6 takes
 * three times as long for a tenth less.
 */
export class PayloadWriter {
  readonly lines = new LineBuffer(BUFFER_BYTES);
  /** Of the payloads to come. */
  category: Category = "metric";
  outputBytes = 0;
  compressedBytes = 0;
  #emit: Emit = () => undefined;
  #points = 0;
  #samples = 0;
  #blocked: Promise<void> | undefined;

  begin(category: Category, emit: Emit): void {
    this.category = category;
    this.#emit = emit;
    this.lines.length = 0;
    this.outputBytes = 0;
    this.compressedBytes = 0;
    this.#points = 0;
    this.#samples = 0;
    this.#blocked = undefined;
  }

  /** Set while whoever takes the payloads asks for a pause. */
  get blocked(): Promise<void> | undefined {
    return this.#blocked;
  }

  /** Bytes that can be written before a payload is cut. */
  get room(): number {
    return PAYLOAD_BYTES - this.lines.length;
  }

  /** Asked after each line: emits what is enough for a payload. `counts` are those of the page so far. */
  cut(counts: LineCounts): void {
    if (this.lines.length >= PAYLOAD_BYTES) {
      this.flush(counts);
    }
  }

  /** Emits what there is. */
  flush(counts: Pick<LineCounts, "points" | "sent">): void {
    const rawBytes = this.lines.length;
    if (rawBytes === 0) {
      return;
    }
    const raw = this.lines.bytes.subarray(0, rawBytes);
    const gzip = gzipMember(raw);
    const payload: Payload = {
      category: this.category,
      gzip,
      rawBytes,
      points: counts.points - this.#points,
      samples: counts.sent - this.#samples,
    };
    this.lines.length = 0;
    this.outputBytes += rawBytes;
    this.compressedBytes += gzip.length;
    this.#points = counts.points;
    this.#samples = counts.sent;
    const blocked = this.#emit(payload);
    if (blocked !== undefined) {
      this.#wait(blocked);
    }
  }

  #wait(blocked: Promise<void>): void {
    const waiting = blocked.finally(() => {
      if (this.#blocked === waiting) {
        this.#blocked = undefined;
      }
    });
    this.#blocked = waiting;
  }
}
