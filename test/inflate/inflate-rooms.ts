import { test } from "vitest";
import { InflateMemory, type Inflater, type InflateStatus } from "../../src/inflate/inflater.ts";
import { loadWasm } from "../../src/wasm-file.ts";

const file = loadWasm("inflate");

/** Skips where `npm run build` did not run. */
export const inflateTest = test.skipIf(file.kind === "missing");

export interface InflateResult {
  /** `more`: the input ended too early. */
  readonly end: InflateStatus;
  readonly text: Buffer;
  /** Bytes behind the stream. */
  readonly unread: number;
}

/** Three rooms side by side: work is done in the middle one. */
export class Rooms {
  readonly memory: InflateMemory;
  readonly #before: Inflater;
  readonly #inflater: Inflater;
  readonly #behind: Inflater;
  #later = Buffer.alloc(0);

  static open(maxRooms = 12): Rooms {
    if (file.kind === "missing") {
      throw new Error(`${file.reason}: npm run build`);
    }
    return new Rooms(new InflateMemory(file.module, maxRooms));
  }

  private constructor(memory: InflateMemory) {
    this.memory = memory;
    this.#before = taken(memory);
    this.#inflater = taken(memory);
    this.#behind = taken(memory);
  }

  /** Fills the rooms beside the middle one; the answer tells whether they are as they were. */
  guarded(): () => boolean {
    const rooms = [this.#before, this.#behind];
    const guards = rooms.map((room) => {
      room.feed(Buffer.alloc(100_000, "guard"));
      room.begin();
      return { room, unread: Buffer.from(room.unread) };
    });
    return () =>
      guards.every(({ room, unread }) => unread.equals(room.unread) && room.text.length === 0);
  }

  /** One stream from its pieces. */
  inflate(pieces: readonly Uint8Array[]): InflateResult {
    const inflater = this.#inflater;
    const out: Buffer[] = [];
    inflater.feed(new Uint8Array(0));
    inflater.begin();
    let end: InflateStatus = "more";
    this.#later = Buffer.alloc(0);
    for (const piece of pieces) {
      let at = 0;
      while (end === "more" && at < piece.length) {
        at += inflater.feed(piece.subarray(at));
        end = drain(inflater, out);
      }
      this.#later = Buffer.concat([this.#later, piece.subarray(at)]);
    }
    return { end, text: Buffer.concat(out), unread: this.unread().length };
  }

  /** What stood behind the last stream. */
  unread(): Buffer {
    return Buffer.concat([this.#inflater.unread, this.#later]);
  }

  /** Streams in rooms of their own, `step` bytes of each in turn. */
  interleaved(streams: readonly Buffer[], step: number): Buffer[] {
    const work = streams.map((stream) => {
      const inflater = taken(this.memory);
      inflater.begin();
      const out: Buffer[] = [];
      return { stream, inflater, out };
    });
    const longest = Math.max(...streams.map(({ length }) => length));
    for (let at = 0; at < longest; at += step) {
      for (const { stream, inflater, out } of work) {
        inflater.feed(stream.subarray(at, at + step));
        drain(inflater, out);
      }
    }
    return work.map(({ out }) => Buffer.concat(out));
  }
}

function taken(memory: InflateMemory): Inflater {
  const inflater = memory.take();
  if (inflater === undefined) {
    throw new Error("no room");
  }
  return inflater;
}

/** Runs until the input is used up or the stream has ended. Each run but the last has to make text. */
function drain(inflater: Inflater, out: Buffer[]): InflateStatus {
  for (;;) {
    const status = inflater.run();
    const { text } = inflater;
    out.push(Buffer.from(text));
    if (status !== "full") {
      return status;
    }
    if (text.length === 0) {
      throw new Error("a run that is full made no text");
    }
  }
}
