import { expect } from "vitest";
import { noLines } from "../../src/points/line-counts.ts";
import { PayloadWriter } from "../../src/points/payload-writer.ts";
import { KernelOutput } from "../../src/recall/kernel-output.ts";
import { OUTPUT, OUTPUT_BYTES, ROOMS, word } from "../../src/replay/kernel-memory.ts";
import { KIB } from "../../src/units.ts";
import { seriesMemory, replayTest as test } from "../support/replay-memory.ts";

/** An output into a writer that lies in the kernel's memory, or beside it. */
function outputOf({ inKernel }: { inKernel: boolean }) {
  const { kernel } = seriesMemory();
  const writer = new PayloadWriter(inKernel ? kernel.takeRoom() : undefined);
  const emitted: number[] = [];
  writer.begin("metric", ({ rawBytes }) => void emitted.push(rawBytes));
  const output = new KernelOutput(kernel, writer);
  /** The kernel writes so many bytes of a letter. */
  const write = (bytes: number, letter: string) => {
    const out = kernel.context[word.out] as number;
    kernel.bytes.fill(letter.charCodeAt(0), out, out + bytes);
    kernel.context[word.out] = out + bytes;
  };
  const limits = () => [kernel.context[word.out], kernel.context[word.outLimit]];
  const text = () => Buffer.from(writer.lines.bytes.subarray(0, writer.lines.length)).toString();
  return { kernel, writer, output, write, limits, text, emitted };
}

test.each([true, false])(
  "what the kernel writes is the writer's, in the kernel: %s",
  (inKernel) => {
    const { output, write, text } = outputOf({ inKernel });
    output.place();
    write(3, "a");
    output.take();
    output.take();
    expect(text()).toBe("aaa");
    output.place();
    write(2, "b");
    output.take();
    expect(text()).toBe("aaabb");
  },
);

test("beside the kernel it writes behind what it wrote, and over it past half of the room", () => {
  const { output, write, limits, text } = outputOf({ inKernel: false });
  expect(output.place()).toBe(false);
  expect(limits()).toEqual([OUTPUT, OUTPUT + OUTPUT_BYTES]);
  write(OUTPUT_BYTES / 2, "a");
  output.take();
  expect(output.place()).toBe(false);
  expect(limits()).toEqual([OUTPUT + OUTPUT_BYTES / 2, OUTPUT + OUTPUT_BYTES]);
  write(1, "b");
  output.take();
  expect(output.place()).toBe(true);
  expect(limits()).toEqual([OUTPUT, OUTPUT + OUTPUT_BYTES]);
  write(1, "c");
  output.take();
  expect(text().slice(-3)).toBe("abc");
});

test("the kernel stops where the payload is full", () => {
  const inside = outputOf({ inKernel: true });
  inside.writer.lines.length = 256 * KIB - 10;
  inside.output.place();
  const start = ROOMS + 256 * KIB - 10;
  expect(inside.limits()).toEqual([start, start + 10]);
  const beside = outputOf({ inKernel: false });
  beside.writer.lines.length = 256 * KIB - 10;
  beside.output.place();
  expect(beside.limits()).toEqual([OUTPUT, OUTPUT + 10]);
});

test("after a payload the kernel writes from the start of the room again", () => {
  const { output, write, writer, limits, emitted } = outputOf({ inKernel: true });
  output.place();
  write(256 * KIB, "a");
  output.take();
  output.cut(noLines());
  expect([emitted, writer.lines.length]).toEqual([[256 * KIB], 0]);
  expect(output.place()).toBe(true);
  expect(limits()).toEqual([ROOMS, ROOMS + 256 * KIB]);
});
