import { LineSplitter } from "../../src/exposition/line-splitter.ts";
import { parseSampleLine } from "../../src/exposition/parse-sample-line.ts";
import { SampleLine } from "../../src/exposition/sample-line.ts";
import { timestampText } from "../../src/lineprotocol/field-value.ts";
import { LineBuffer } from "../../src/lineprotocol/line-buffer.ts";
import { TAG_VALUE_MAX_ENCODED, writeTagValue } from "../../src/lineprotocol/tag-value.ts";
import { MIB } from "../../src/units.ts";

const HASH = 0x23;
const MAX_LABELS = 256;
const AT_MS = 1_700_000_000_000;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BLANK = 0x20;
const LINE_FEED = 0x0a;

/** Where one sample's parts lie in the page, as the parser found them. */
interface Parsed {
  readonly name: readonly [start: number, end: number];
  /** Four offsets a label. */
  readonly spans: Int32Array;
  readonly value: readonly [start: number, end: number];
}

/** Encoding alone: writes line protocol for samples that were parsed before, every tag value escaped anew. */
export class PageEncoder {
  readonly #page: Buffer;
  readonly #samples: Parsed[] = [];
  readonly #out = new LineBuffer(MIB);
  readonly #time = timestampText(AT_MS) ?? "";

  constructor(page: Buffer) {
    this.#page = page;
    const line = new SampleLine(MAX_LABELS);
    const splitter = new LineSplitter(MIB);
    const take = (bytes: Uint8Array, start: number, end: number): void => {
      if (bytes[start] !== HASH && !parseSampleLine(bytes, start, end, "text", line)) {
        this.#samples.push({
          name: [line.nameStart, line.nameEnd],
          spans: line.spans.slice(0, 4 * line.labelCount),
          value: [line.valueStart, line.valueEnd],
        });
      }
    };
    splitter.push(page, { line: take, tooLong: take });
    splitter.end({ line: take, tooLong: take });
  }

  get samples(): number {
    return this.#samples.length;
  }

  /** Answers the bytes of line protocol of the page. */
  run(): number {
    let bytes = 0;
    for (const sample of this.#samples) {
      this.#out.length = 0;
      this.#write(sample);
      bytes += this.#out.length;
    }
    return bytes;
  }

  #write({ name, spans, value }: Parsed): void {
    const out = this.#out;
    const page = this.#page;
    out.putRange(page, name[0], name[1]);
    for (let at = 0; at < spans.length; at += 4) {
      out.putByte(COMMA);
      out.putRange(page, spans[at] as number, spans[at + 1] as number);
      out.putByte(EQUALS);
      out.ensure(TAG_VALUE_MAX_ENCODED);
      const start = spans[at + 2] as number;
      out.length = writeTagValue(out.bytes, out.length, page, start, spans[at + 3] as number);
    }
    out.putText(" value=");
    out.putRange(page, value[0], value[1]);
    out.putByte(BLANK);
    out.putText(this.#time);
    out.putByte(LINE_FEED);
  }
}
