import { parse } from "@iarna/toml";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  findPlaces,
  lastKeyBefore,
  matches,
  type Place,
} from "../../../src/config/language/toml-places.ts";
import { type Written, writtenDocument } from "./toml-writer.ts";

/** Every path of the document with the offset of its key, as `a.b[0].c`. */
function offsets(place: Place, path = ""): [string, number][] {
  const own: [string, number][] = path === "" ? [] : [[path, place.offset]];
  const keys = [...(place.keys ?? [])].flatMap(([name, child]) =>
    offsets(child, `${path}.${JSON.stringify(name)}`),
  );
  const elements = (place.elements ?? []).flatMap((child, index) =>
    offsets(child, `${path}[${index}]`),
  );
  return [...own, ...keys, ...elements];
}

function keyOffset(text: string, ...path: (string | number)[]): number | undefined {
  let place = findPlaces(text);
  for (const step of path) {
    place = typeof step === "number" ? place?.elements?.[step] : place?.keys?.get(step);
  }
  return place?.offset;
}

describe("findPlaces", () => {
  test("knows where the writer of any document put each key", () => {
    fc.assert(
      fc.property(writtenDocument, ({ text, keys }: Written) => {
        const root = parse(text);
        const places = findPlaces(text);
        expect(places).toBeDefined();
        expect(matches(places as Place, root)).toBe(true);
        const found = new Map(offsets(places as Place));
        for (const [path, offset] of keys) {
          expect(found.get(path), path).toBe(offset);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("never claims to match a document that the parser reads otherwise", () => {
    const places = findPlaces("a = 1\nb = 2\n") as Place;
    expect(matches(places, { a: 1 })).toBe(false);
    expect(matches(places, { a: 1, b: { c: 1 } })).toBe(false);
    expect(matches(places, { a: 1, b: [1] })).toBe(false);
    expect(matches(places, { a: 1, b: 2 })).toBe(true);
  });

  test.each([
    ["[a]\n[a.b]\nc = 1", ["a", "b", "c"], 10],
    ["[[a]]\n[[a]]\nc = 1", ["a", 1, "c"], 12],
    ["[[a]]\n[[a.b]]\n[[a.b]]\nc = 1", ["a", 0, "b", 1, "c"], 22],
    ["[[a]]\n[[a]]\n[a.b]\nc = 1", ["a", 1, "b", "c"], 18],
    ["a.b.c = 1", ["a", "b", "c"], 4],
    ["'a.b' = 1", ["a.b"], 0],
    ['a = """x""\\""""\nb = 1', ["b"], 16],
    ['a = """x"""""\nb = 1', ["b"], 14],
    ["a = '''\\'''\nb = 1", ["b"], 12],
    ['a = "#" # "\nb = 1', ["b"], 12],
    ["a = 1979-05-27 07:32:00 # x\nb = 1", ["b"], 28],
    ["a = [[1, 2], # ]\n[3]]\nb = 1", ["b"], 22],
    ["a = { b = { c = 1 } }", ["a", "b", "c"], 12],
  ] as const)("%j", (text, path, offset) => {
    expect(keyOffset(text, ...path)).toBe(offset);
  });

  test("gives up on nesting that only an attacker writes", () => {
    const text = `a = ${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    expect(findPlaces(text)).toBeUndefined();
  });

  test.each(["a", "a = ", "[a", "a = [1", "a = {b", 'a = "x', "= 1", "[[a]\n"])(
    "gives up on %j",
    (text) => {
      expect(findPlaces(text)).toBeUndefined();
    },
  );
});

test("lastKeyBefore names the key that a broken value belongs to", () => {
  const text = 'a = 1\nb = """x\n\n';
  expect(lastKeyBefore(text, text.length)).toEqual({ name: "b", offset: 6 });
  expect(lastKeyBefore("@", 0)).toBeUndefined();
});
