import { expect, test } from "vitest";
import type { SamplePart, SampleRole } from "../../../src/exposition/family-table.ts";
import { parseSampleLine } from "../../../src/exposition/parse-sample-line.ts";
import { LineBuffer } from "../../../src/lineprotocol/line-buffer.ts";
import { LineRoom } from "../../../src/points/tags/line-room.ts";
import { TagAssembler } from "../../../src/points/tags/tag-assembler.ts";
import type { RulesConfig } from "../../../src/rules/rules-config.ts";
import { compileRules } from "../../../src/rules/rules-program.ts";
import { rulesConfig } from "../../support/rules-config.ts";

/** Assembles lines of one page by these rules. */
class Page {
  readonly #room: LineRoom;
  readonly tags: TagAssembler;

  constructor(rules: Partial<RulesConfig> = {}, maxLabels = 300) {
    this.#room = new LineRoom(maxLabels);
    this.tags = new TagAssembler(compileRules(rulesConfig(rules)).program, this.#room);
  }

  info(text: string): void {
    const bytes = this.#parse(text);
    this.tags.collectInfo(this.#room.sample, bytes);
  }

  /** Tags of the line, sorted, as `name=value`. */
  of(text: string, part: SamplePart = "scalar", field = "f"): string[] {
    const bytes = this.#parse(text);
    const slots = this.tags.assemble(
      this.#room.sample,
      bytes,
      part,
      this.tags.fieldLabel(field),
      "measured",
    );
    return [...slots.order.subarray(0, slots.count)].map((slot) => {
      const value = Buffer.from(slots.values[slot] ?? []);
      return `${slots.names[slot]?.name}=${value.toString("utf8", slots.starts[slot], slots.ends[slot])}`;
    });
  }

  /** `measurement,tags` of the line, or false. */
  key(text: string): string | false {
    const bytes = this.#parse(text);
    const out = new LineBuffer(0);
    const written = this.tags.writeKey(
      out,
      {
        kind: "kept",
        role: { part: "scalar" } as SampleRole,
        measurementText: "m",
        measurement: Buffer.from("m"),
        field: Buffer.from("f"),
        fieldLabel: this.tags.fieldLabel("f"),
      },
      this.#room.sample,
      bytes,
    );
    const key = Buffer.from(out.bytes.subarray(0, out.length)).toString();
    expect(written || key === "").toBe(true);
    return written && key;
  }

  #parse(text: string): Uint8Array {
    const bytes = new TextEncoder().encode(`${text} 1`);
    const fault = parseSampleLine(bytes, 0, bytes.length, "text", this.#room.sample);
    expect(fault).toBeUndefined();
    return bytes;
  }
}

function tags(text: string, rules: Partial<RulesConfig> = {}, part?: SamplePart): string[] {
  return new Page(rules).of(text, part);
}

test("labels are tags in byte order, escapes taken away", () => {
  expect(tags('m{b="1",a="x\\"y"}')).toEqual(['a=x"y', "b=1"]);
});

test("info labels win over an annotation, which wins over labels, which win over added tags", () => {
  const page = new Page({ overridingTags: { a: "rule", b: "rule" }, addedTags: [["d", "added"]] });
  const line = 'm{a="own",b="own",c="own",d="own"}';
  expect(page.of(line)).toEqual(["a=rule", "b=rule", "c=own", "d=own"]);
  page.info('i{a="info"}');
  expect(page.of(line)).toEqual(["a=info", "b=rule", "c=own", "d=own"]);
  expect(page.of("m")).toEqual(["a=info", "b=rule", "d=added"]);
});

test("a bucket has no info labels, and a new page has none at all", () => {
  const page = new Page();
  page.info('i{a="info"}');
  expect(page.of('m{le="1"}', "bucket")).toEqual(["le=1"]);
  page.tags.reset();
  expect(page.of("m")).toEqual([]);
});

test("a later info label of a name replaces the earlier; of many the first 64 stay", () => {
  const page = new Page();
  page.info('i{a="1"}');
  page.info('i{a="2"}');
  expect(page.of("m")).toEqual(["a=2"]);
  const many = Array.from({ length: 80 }, (_, at) => `l${at}="x"`).join(",");
  page.info(`i{${many}}`);
  expect(page.of("m")).toHaveLength(64);
});

test("info labels outlive the names that are forgotten, and can be switched off", () => {
  const page = new Page();
  page.info('i{a="info"}');
  page.tags.forget();
  expect(page.of('m{a="own",b="1"}')).toEqual(["a=info", "b=1"]);
  const off = new Page({ disableInfoTag: true });
  off.info('i{a="info"}');
  expect(off.of("m")).toEqual([]);
});

test("tags that are ignored are left out, added ones are not", () => {
  const rules: Partial<RulesConfig> = {
    tagsIgnore: ["a", "b"],
    overridingTags: { b: "rule" },
    addedTags: [["a", "added"]],
  };
  expect(tags('m{a="1",c="2"}', rules)).toEqual(["a=added", "c=2"]);
});

test.each<[boolean, string[]]>([
  [false, ["a=1", "b=2"]],
  [true, ["b=1"]],
])("a rename onto a taken name, which overwrites: %s", (overwriteExistTags, expected) => {
  const tagsRename = { overwriteExistTags, mapping: { a: "b" } };
  expect(tags('m{a="1",b="2"}', { tagsRename })).toEqual(expected);
  expect(tags('m{a="1"}', { tagsRename })).toEqual(["b=1"]);
});

test("a renamed tag leaves room for an added one of its old name", () => {
  const tagsRename = { overwriteExistTags: false, mapping: { a: "b" } };
  expect(tags('m{a="1"}', { tagsRename, addedTags: [["a", "9"]] })).toEqual(["a=9", "b=1"]);
});

test("a tag whose value matches is dropped, and its name is free", () => {
  const rules: Partial<RulesConfig> = {
    ignoreTagKvMatch: { a: ["^x"] },
    addedTags: [["a", "added"]],
  };
  expect(tags('m{a="xy"}', rules)).toEqual(["a=added"]);
  expect(tags('m{a="y"}', rules)).toEqual(["a=y"]);
});

test("le is printed again in a bucket only, quantile in a summary only", () => {
  expect(tags('m{le="1.0",quantile="0.50"}', {}, "bucket")).toEqual(["le=1", "quantile=0.50"]);
  expect(tags('m{le="1.0",quantile="0.50"}', {}, "quantile")).toEqual(["le=1.0", "quantile=0.5"]);
  expect(tags('m{le="1.0",quantile="0.50"}')).toEqual(["le=1.0", "quantile=0.50"]);
});

test("quantile gives way to an annotation, and wins over an added tag", () => {
  const quantile = 'm{quantile="0.50"}';
  expect(tags(quantile, { overridingTags: { quantile: "q" } }, "quantile")).toEqual(["quantile=q"]);
  expect(tags(quantile, { addedTags: [["quantile", "q"]] }, "quantile")).toEqual(["quantile=0.5"]);
});

test("logging has the service of the rules, or the measurement; a label of that name stays", () => {
  expect(tags("m", { asLogging: { service: "pay" } })).toEqual(["service=pay"]);
  expect(tags("m", { asLogging: { service: "" } })).toEqual(["service=measured"]);
  expect(tags('m{service="own"}', { asLogging: { service: "" } })).toEqual(["service=own"]);
});

test("a tag named as the field is left out", () => {
  expect(new Page().of('m{f="1",g="2"}')).toEqual(["g=2"]);
});

test("a point has 256 tags at most", () => {
  const labels = Array.from({ length: 260 }, (_, at) => `l${at}="x"`).join(",");
  expect(tags(`m{${labels}}`)).toHaveLength(256);
});

test("a line like the one before is written by its plan, with the values of its own", () => {
  const page = new Page({ addedTags: [["z", "added"]] });
  expect(page.key('m{a="1"}')).toBe("m,a=1,z=added");
  expect(page.key('m{a="2",z="own"}')).toBe("m,a=2,z=own");
  expect(page.key('m{a="3"}')).toBe("m,a=3,z=added");
});

test("a plan does not outlive the info labels it was made without", () => {
  const page = new Page();
  expect(page.key('m{a="1"}')).toBe("m,a=1");
  page.info('i{b="info"}');
  expect(page.key('m{a="2"}')).toBe("m,a=2,b=info");
  page.tags.reset();
  expect(page.key('m{a="3"}')).toBe("m,a=3");
});

test("a key that is too long is not written, with a plan or without", () => {
  const page = new Page();
  const labels = (value: string) =>
    Array.from({ length: 80 }, (_, at) => `l${at}="${value}"`).join(",");
  const long = "v".repeat(1000);
  expect(page.key(`m{${labels(long)}}`)).toBe(false);
  expect(page.key(`m{${labels("v")}}`)).toContain("m,l0=v,l1=v");
  expect(page.key(`m{${labels(long)}}`)).toBe(false);
});
