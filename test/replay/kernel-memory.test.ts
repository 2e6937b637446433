import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as place from "../../src/replay/kernel-memory.ts";
import { field } from "../../src/replay/kernel-records.ts";

const SOURCES = ["memory", "records", "kernel", "learn", "hash", "rest"] as const;

function source(name: string): string {
  return readFileSync(new URL(`../../src/replay/${name}.as`, import.meta.url), "utf8");
}

/** Every constant of the kernel's sources that is a plain number. */
const kernel = Object.fromEntries(
  SOURCES.flatMap((name) =>
    [...source(name).matchAll(/^(?:export )?const (\w+): u32 = (\w+);$/gm)].map((match) => [
      match[1] as string,
      Number(match[2]),
    ]),
  ),
);

/** Field offsets of the classes in records.as: each field is aligned to its own size. */
function layouts(): Record<string, Record<string, number>> {
  const found: Record<string, Record<string, number>> = {};
  const ends: Record<string, number> = {};
  const classes = source("records").matchAll(/class (\w+)(?: extends (\w+))? \{\n(.*?)\n\}/gs);
  for (const [, name = "", base = "", body = ""] of classes) {
    const offsets = { ...found[base] };
    let at = ends[base] ?? 0;
    for (const [, fieldName = "", bits] of body.matchAll(/^ {2}(\w+): u(\d+);$/gm)) {
      const bytes = Number(bits) / 8;
      at = Math.ceil(at / bytes) * bytes;
      offsets[fieldName] = at;
      at += bytes;
    }
    found[name] = offsets;
    ends[name] = at;
    offsets["end"] = at;
  }
  return found;
}

/** `tailStatusLength` is `TAIL_STATUS_LENGTH` in AssemblyScript. */
function upper(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function uppered(constants: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(constants).map(([name, value]) => [upper(name), value]));
}

test("the words of the context have the same numbers on both sides", () => {
  const words = uppered(place.word);
  expect(words).toEqual(Object.fromEntries(Object.keys(words).map((name) => [name, kernel[name]])));
});

test("the kinds of records have the same numbers on both sides", () => {
  const { INFO: infoSample, ...kinds } = uppered(place.kind);
  expect(infoSample).toBe(kernel["INFO_SAMPLE"]);
  expect(kinds).toEqual(Object.fromEntries(Object.keys(kinds).map((name) => [name, kernel[name]])));
});

test("what the kernel stops for has the same number on both sides", () => {
  const { MORE, COLD, FULL, RELEASE } = sourceConstants("kernel");
  expect(place.stop).toEqual({ more: MORE, cold: COLD, full: FULL, release: RELEASE });
});

test("what happens to a line's own time has the same number on both sides", () => {
  const { NO, COLD, WITHIN } = sourceConstants("rest");
  expect(place.honorTime).toEqual({ no: NO, yes: 1, cold: COLD, within: WITHIN });
});

test.each([
  ["CONTEXT", place.CONTEXT],
  ["TAIL_STATUS", place.TAIL_STATUS],
  ["TAIL", place.TAIL],
  ["KEYS", place.KEYS],
  ["TYPES", place.TYPES],
  ["TEXT", place.TEXT],
  ["INPUT", place.INPUT],
  ["OUTPUT", place.OUTPUT],
  ["ARENA", place.ARENA],
  ["BLOCK", place.BLOCK_BYTES],
  ["MAX_TEXT", place.TEXT_BYTES],
])("%s is the same on both sides", (name, value) => {
  expect(kernel[name]).toBe(value);
});

test("there are keys for all that the hash reads before it starts over", () => {
  expect(place.KEY_BYTES).toBeGreaterThanOrEqual(kernel["BATCH"] as number);
  expect(place.KEYS + place.KEY_BYTES).toBeLessThanOrEqual(kernel["MASKS"] as number);
});

test("the fields that TypeScript reads lie where the classes of records.as have them", () => {
  const { Table, LineRecord, InfoRecord, TypeRecord, TextRecord, HalfRecord } = layouts();
  expect(field).toEqual({
    next: LineRecord?.["next"],
    kind: LineRecord?.["kind"],
    extra: LineRecord?.["extra"],
    infoAfter: InfoRecord?.["after"],
    familyBytes: TypeRecord?.["familyBytes"],
    family: TypeRecord?.["end"],
    textBytes: TextRecord?.["textBytes"],
    seriesKeyBytes: HalfRecord?.["seriesKeyBytes"],
  });
  expect(Table?.["next"]).toBe(field.next);
});

test("what every kind of record has lies at one place", () => {
  const { LineRecord, NameRecord, SlotRecord } = layouts();
  for (const shared of ["hash", "bucketNext", "kind", "seen"]) {
    expect(NameRecord?.[shared]).toBe(LineRecord?.[shared]);
    expect(SlotRecord?.[shared]).toBe(LineRecord?.[shared]);
  }
});

test("no two places of the memory overlap", () => {
  const { MASKS = 0, GRAMS = 0, TYPES_MAX = 0, CHAIN = 0, TEXT_A = 0, TEXT_B = 0 } = kernel;
  const { CACHE = 0, PENDING = 0, PENDING_BYTES = 0, VALUE_BYTES = 0, STEPS = 0 } = kernel;
  const { MAX_HOPS = 0, GRAM_SLOTS = 2048 } = kernel;
  const places = [
    [place.CONTEXT, 4 * (place.word.counters + place.MAX_COUNTERS)],
    [place.TAIL_STATUS, place.TAIL - place.TAIL_STATUS],
    [place.TAIL, VALUE_BYTES - place.TAIL],
    [VALUE_BYTES, 64],
    [place.KEYS, place.KEY_BYTES],
    [MASKS, 64],
    [GRAMS, 2 * GRAM_SLOTS],
    [place.TYPES, 4 * TYPES_MAX],
    [CHAIN, 4 * (MAX_HOPS + 1)],
    [TEXT_A, place.TEXT_BYTES],
    [TEXT_B, place.TEXT_BYTES],
    [CACHE, place.TEXT_BYTES],
    [PENDING, 2 * PENDING_BYTES],
    [place.TEXT, STEPS + place.TEXT_BYTES],
    [place.INPUT, 160 * 1024],
    [place.OUTPUT, place.OUTPUT_BYTES],
    [place.ROOMS, place.ROOMS_COUNT * place.ROOM_BYTES],
    [place.ARENA, place.BLOCK_BYTES],
  ] as const;
  let end = 0;
  for (const [start, bytes] of places) {
    expect(start).toBeGreaterThanOrEqual(end);
    end = start + bytes;
  }
});

function sourceConstants(name: string): Record<string, number> {
  return Object.fromEntries(
    [...source(name).matchAll(/^const (\w+): u32 = (\d+);$/gm)].map((match) => [
      match[1] as string,
      Number(match[2]),
    ]),
  );
}
