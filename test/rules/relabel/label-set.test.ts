import { expect, test } from "vitest";
import { LabelSet } from "../../../src/rules/relabel/label-set.ts";
import type { RelabelFlavour } from "../../../src/rules/relabel/relabel-rule.ts";

/** Labels after `change`, in their order. */
function after(flavour: RelabelFlavour, change: (set: LabelSet) => void): string {
  const labels = [
    ["b", "1"],
    ["a", "2"],
    ["empty", ""],
    ["b", "3"],
  ] as const;
  const set = new LabelSet(labels, flavour);
  change(set);
  return set
    .labels()
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

test.each<[string, (set: LabelSet) => void, string, string]>([
  ["nothing", () => {}, "a=2 b=3", "b=3 a=2 empty="],
  ["a new label", (set) => set.set("c", "4"), "a=2 b=3 c=4", "b=3 a=2 empty= c=4"],
  ["a label anew", (set) => set.set("a", "4"), "b=3 a=4", "b=3 a=4 empty="],
  [
    "a label twice",
    (set) => {
      set.set("a", "4");
      set.set("b", "5");
      set.set("a", "6");
    },
    "a=6 b=5",
    "b=5 a=6 empty=",
  ],
  ["a label to nothing", (set) => set.set("a", ""), "b=3", "b=3 a= empty="],
  ["a removal", (set) => set.remove("a"), "b=3", "b=3 empty="],
  ["a removal of none", (set) => set.remove("z"), "a=2 b=3", "b=3 a=2 empty="],
  [
    "a removal, then a write",
    (set) => {
      set.remove("a");
      set.set("b", "4");
      set.set("c", "5");
    },
    "b=4 c=5",
    "b=4 empty= c=5",
  ],
  ["another name", (set) => set.rename("a", "z"), "z=2 b=3", "b=3 z=2 empty="],
  ["the same name", (set) => set.rename("a", "a"), "a=2 b=3", "b=3 a=2 empty="],
  ["a taken name", (set) => set.rename("b", "a"), "a=3", "a=3 empty="],
  ["the end", (set) => set.dropEmpty(), "a=2 b=3", "b=3 a=2"],
])("after %s, as Prometheus and as vmagent", (_, change, prometheus, vmagent) => {
  expect(after("prometheus", change)).toBe(prometheus);
  expect(after("vmagent", change)).toBe(vmagent);
});

test("a label without a name is gone at the end", () => {
  const set = new LabelSet([["a", "1"]], "vmagent");
  set.rename("a", "");
  expect(set.size).toBe(1);
  set.dropEmpty();
  expect(set.size).toBe(0);
});

test("a label that is not there is empty", () => {
  const set = new LabelSet([["a", "1"]], "prometheus");
  expect([set.get("a"), set.get("b")]).toEqual(["1", ""]);
  expect(set.names()).toEqual(["a"]);
});
