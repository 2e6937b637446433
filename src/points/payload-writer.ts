import { LineBuffer } from "../lineprotocol/line-buffer.ts";
import type { Category, Emit, Payload } from "../payload.ts";
import { KIB } from "../units.ts";
import { gzipMember } from "./gzip-member.ts";
import type { LineCounts } from "./line-counts.ts";
import type { SinkGroup, SinkGroups } from "./sink-groups.ts";

/**
 * Line protocol that makes one payload: large enough to compress well, small enough to join into
 * bodies of 1 MiB.
 */
const PAYLOAD_BYTES = 256 * KIB;
/** Room for the line that reaches that size. */
const BUFFER_BYTES = PAYLOAD_BYTES + 16 * KIB;

/**
 * Cuts what is written to `lines` into payloads, at line ends. Compresses at level 1: the gzip of
 * such text at level 6 takes three times as long for a tenth less.
 */
export class PayloadWriter {
  readonly lines: LineBuffer;
  /** Of the payloads to come. */
  category: Category = "metric";
  outputBytes = 0;
  compressedBytes = 0;
  #emit: Emit = () => undefined;
  #points = 0;
  #samples = 0;
  #sinkGroups: SinkGroups | undefined;
  #blocked: Promise<void> | undefined;

  /** `room`: memory for the lines, longer than a payload by as much as a line may be. */
  constructor(room = new Uint8Array(BUFFER_BYTES)) {
    this.lines = new LineBuffer(room);
  }

  /** `sinkGroups`: payloads hold points that agree by these. */
  begin(category: Category, emit: Emit, sinkGroups?: SinkGroups): void {
    this.category = category;
    this.#emit = emit;
    this.#sinkGroups = sinkGroups;
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

  /**
   * Asked after each line: emits what is enough for a payload. `counts` are those of the page so
   * far.
   */
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
    const lines = this.lines.bytes.subarray(0, rawBytes);
    const points = counts.points - this.#points;
    const samples = counts.sent - this.#samples;
    this.lines.length = 0;
    this.outputBytes += rawBytes;
    this.#points = counts.points;
    this.#samples = counts.sent;
    const groups = this.#sinkGroups?.split(lines, this.category);
    const pauses = (groups ?? [{ tags: "", lines, points, samples }])
      .map((group) => this.#emitGroup(group))
      .filter((pause) => pause !== undefined);
    if (pauses.length > 0) {
      this.#wait(Promise.all(pauses).then(() => undefined));
    }
  }

  #emitGroup({ tags, lines, points, samples }: SinkGroup): Promise<void> | undefined {
    const gzip = gzipMember(lines);
    this.compressedBytes += gzip.length;
    const payload: Payload = {
      category: this.category,
      gzip,
      rawBytes: lines.length,
      points,
      samples,
      ...(tags === "" ? {} : { sinkTags: tags }),
    };
    return this.#emit(payload);
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
