import type { SamplePart } from "../../exposition/family-table.ts";
import type { LabelShape } from "../../exposition/label-shape.ts";
import { labelText } from "../../exposition/label-text.ts";
import type { SampleLine } from "../../exposition/sample-line.ts";
import { unescapeInto } from "../../exposition/unescape.ts";
import { encodeTagKey, encodeTagValue, SERIES_KEY_MAX_BYTES } from "../../lineprotocol/escape.ts";
import type { LineBuffer } from "../../lineprotocol/line-buffer.ts";
import { type LabelName, LabelTable, sameBytes } from "../../rules/label-table.ts";
import type { RulesProgram } from "../../rules/rules-program.ts";
import type { KeptName } from "../name-table.ts";
import { writeSeriesKey } from "../output-point.ts";
import type { LineRoom } from "./line-room.ts";
import { printedValue, TagPlan } from "./tag-plan.ts";
import { FIXED, type TagSlots } from "./tag-slots.ts";

/** Tags of a point (datakit.md 4.4). */
const MAX_TAGS = 256;
/** Plans of one page: a histogram's buckets, sums and counts have one each. */
const MAX_PLANS = 8;
const FIRST_SCRATCH_BYTES = 4096;
const NAME_ESCAPED = 1;
const VALUE_ESCAPED = 2;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

interface FixedTag {
  readonly label: LabelName;
  readonly value: Uint8Array;
}

/**
 * Puts the tags of one sample together (datakit.md 1.1, 2.3 to 2.5, 7.1). Who wins, highest first:
 * labels of info metrics, tags of an annotation, the sample's labels, `service` of logging,
 * `quantile`, added tags. `tags_ignore` and then `tags_rename` see the first three;
 * `ignore_tag_kv_match` sees all up to `quantile`.
 */
export class TagAssembler {
  readonly slots: TagSlots;
  readonly #program: RulesProgram;
  readonly #table: LabelTable;
  readonly #maxLabels: number;
  /** Labels of the line before, by place: nearly always the same again. */
  readonly #previous: (LabelName | undefined)[] = [];
  #scratch = new Uint8Array();
  #scratchUsed = 0;
  #line = 0;
  /** Where `#addLabels` found the quantile it answers. */
  #quantileLabel = 0;
  #info: FixedTag[] = [];
  /** The youngest first. */
  readonly #plans: TagPlan[] = [];
  /** The tags of the line at hand depend on more than its names. */
  #byValue = false;
  #fixed!: {
    overriding: readonly FixedTag[];
    added: readonly FixedTag[];
    renames: readonly (readonly [LabelName, LabelName])[];
    quantile: LabelName;
    le: LabelName;
    service: LabelName;
  };

  constructor(program: RulesProgram, room: LineRoom) {
    this.#program = program;
    this.#maxLabels = room.maxLabels;
    this.#table = new LabelTable(program, encodeTagKey);
    const { overridingTags, addedTags } = program.config;
    const others = Object.keys(overridingTags).length + addedTags.length + 3;
    this.slots = room.slots(room.maxLabels + others + MAX_INFO_TAGS);
    this.#intern();
  }

  /** A page begins: info labels are those of this page. */
  reset(): void {
    this.#info = [];
    this.forgetPlans();
  }

  /** Between pages nothing is held of the lines of the last. */
  forgetPlans(): void {
    this.#plans.length = 0;
  }

  /** As many label names are remembered as may be: `forget` them between two lines. */
  get full(): boolean {
    return this.#table.full;
  }

  /** Forgets label names; those handed out by `fieldLabel` before are not to be used any more. */
  forget(): void {
    this.#table.clear();
    this.#previous.length = 0;
    this.forgetPlans();
    this.#info = this.#info.map(({ label, value }) => ({
      label: this.#table.ofText(label.name),
      value,
    }));
    this.#intern();
  }

  /** Interned name of a field, for `assemble` to drop a tag that would swallow the value. */
  fieldLabel(field: string): LabelName {
    return this.#table.ofText(field);
  }

  /** Remembers the labels of an info sample; a later one of the same name replaces an earlier. */
  collectInfo(line: SampleLine, bytes: Uint8Array): void {
    if (this.#program.config.disableInfoTag) {
      return;
    }
    this.forgetPlans();
    this.#scratchUsed = 0;
    for (let label = 0; label < line.labelCount; label++) {
      const name = this.#labelName(line, bytes, label);
      const value = encodeTagValue(valueText(line, bytes, label));
      this.#info = this.#info.filter((known) => known.label !== name);
      if (this.#info.length < MAX_INFO_TAGS) {
        this.#info.push({ label: name, value });
      }
    }
  }

  /**
   * Writes `measurement,tags` of a kept sample to the end of `out`. False, with `out` as it was,
   * where that is longer than a series key may be.
   */
  writeKey(out: LineBuffer, name: KeptName, line: SampleLine, bytes: Uint8Array): boolean {
    const { part } = name.role;
    const plan = line.shape && this.#plan(line.shape, part, name.fieldLabel);
    const tags = plan?.tags(line, bytes);
    if (tags !== undefined) {
      if (name.measurement.length + tags.length > SERIES_KEY_MAX_BYTES) {
        return false;
      }
      out.put(name.measurement);
      out.putRange(tags.bytes, 0, tags.length);
      return true;
    }
    const slots = this.assemble(line, bytes, part, name.fieldLabel, name.measurementText);
    if (line.shape !== undefined && !this.#byValue) {
      this.#keepPlan(new TagPlan(line.shape, part, slots, line), plan);
    }
    return writeSeriesKey(out, name.measurement, slots);
  }

  /**
   * Fills and sorts `slots` for a kept sample; valid until the next call and as long as `bytes` is.
   */
  assemble(
    line: SampleLine,
    bytes: Uint8Array,
    part: SamplePart,
    field: LabelName,
    measurement: string,
  ): TagSlots {
    const { slots } = this;
    const fixed = this.#fixed;
    slots.count = 0;
    this.#scratchUsed = 0;
    this.#line++;
    this.#byValue = false;
    if (part !== "bucket" && this.#info.length > 0) {
      this.#addFixed(this.#info, true);
    }
    this.#addFixed(fixed.overriding, true);
    const quantile = this.#addLabels(line, bytes, part);
    this.#rename();
    this.#addService(measurement);
    this.#dropMatching();
    if (quantile !== undefined && fixed.quantile.seenAt !== this.#line) {
      this.#add(fixed.quantile, quantile, 0, quantile.length, 1, this.#quantileLabel);
    }
    this.#addFixed(fixed.added, false);
    if (field.seenAt === this.#line) {
      this.#byValue = true;
      slots.remove(slots.find(field));
    }
    if (slots.count > MAX_TAGS) {
      this.#byValue = true;
      slots.count = MAX_TAGS;
    }
    slots.sort();
    return slots;
  }

  #intern(): void {
    const table = this.#table;
    const { overridingTags, addedTags } = this.#program.config;
    const fix = ([name, value]: readonly [string, string]): FixedTag => ({
      label: table.ofText(name),
      value: encodeTagValue(value),
    });
    this.#fixed = {
      overriding: Object.entries(overridingTags).map(fix),
      added: addedTags.map(fix),
      renames: this.#program.renames.map(([from, to]) => [table.ofText(from), table.ofText(to)]),
      quantile: table.ofText("quantile"),
      le: table.ofText("le"),
      service: table.ofText("service"),
    };
  }

  #plan(shape: LabelShape, part: SamplePart, field: LabelName): TagPlan | undefined {
    const plans = this.#plans;
    for (let place = 0; place < plans.length; place++) {
      const plan = plans[place] as TagPlan;
      if (plan.fits(shape, part, field)) {
        for (let to = place; to > 0; to--) {
          plans[to] = plans[to - 1] as TagPlan;
        }
        plans[0] = plan;
        return plan;
      }
    }
    return undefined;
  }

  /** In place of `old`, which is the youngest, where there is one. */
  #keepPlan(plan: TagPlan, old: TagPlan | undefined): void {
    if (old === undefined) {
      this.#plans.unshift(plan);
      this.#plans.length = Math.min(this.#plans.length, MAX_PLANS);
    } else {
      this.#plans[0] = plan;
    }
  }

  #add(
    name: LabelName,
    value: Uint8Array,
    start: number,
    end: number,
    encoded: 0 | 1,
    label: number,
  ): void {
    name.seenAt = this.#line;
    this.slots.add(name, value, start, end, encoded, label);
  }

  #addFixed(tags: readonly FixedTag[], ignorable: boolean): void {
    for (const { label, value } of tags) {
      if (label.seenAt !== this.#line && !(ignorable && label.ignored)) {
        this.#add(label, value, 0, value.length, 1, FIXED);
      }
    }
  }

  /** Answers the value of `quantile`, printed again, where the sample is one. */
  #addLabels(line: SampleLine, bytes: Uint8Array, part: SamplePart): Uint8Array | undefined {
    const { spans, escapes } = line;
    const fixed = this.#fixed;
    let quantile: Uint8Array | undefined;
    for (let label = 0; label < line.labelCount; label++) {
      const name = this.#labelName(line, bytes, label);
      if (part === "quantile" && name === fixed.quantile) {
        quantile = printedValue(line, bytes, label);
        this.#quantileLabel = label;
        continue;
      }
      if (name.ignored || name.seenAt === this.#line) {
        continue;
      }
      if (part === "bucket" && name === fixed.le) {
        const value = printedValue(line, bytes, label);
        this.#add(name, value, 0, value.length, 1, label);
        continue;
      }
      const start = spans[4 * label + 2] as number;
      const end = spans[4 * label + 3] as number;
      if (((escapes[label] as number) & VALUE_ESCAPED) === 0) {
        this.#add(name, bytes, start, end, 0, label);
      } else {
        const from = this.#unescape(bytes, start, end);
        this.#add(name, this.#scratch, from, this.#scratchUsed, 0, label);
      }
    }
    return quantile;
  }

  #labelName(line: SampleLine, bytes: Uint8Array, label: number): LabelName {
    const start = line.spans[4 * label] as number;
    const end = line.spans[4 * label + 1] as number;
    if (((line.escapes[label] as number) & NAME_ESCAPED) !== 0) {
      const from = this.#unescape(bytes, start, end);
      return this.#table.of(this.#scratch, from, this.#scratchUsed);
    }
    const predicted = this.#previous[label];
    if (predicted !== undefined && sameBytes(predicted.bytes, bytes, start, end)) {
      return predicted;
    }
    const name = this.#table.of(bytes, start, end);
    if (label < this.#maxLabels) {
      this.#previous[label] = name;
    }
    return name;
  }

  /** Unescaped text goes to the scratch from the answered offset to `#scratchUsed`. */
  #unescape(bytes: Uint8Array, start: number, end: number): number {
    const from = this.#scratchUsed;
    if (from + (end - start) > this.#scratch.length) {
      // Slots already filled keep the old scratch alive; it is not written to again.
      this.#scratch = new Uint8Array(Math.max(FIRST_SCRATCH_BYTES, 2 * (from + end - start)));
    }
    this.#scratchUsed = from + unescapeInto(this.#scratch.subarray(from), bytes, start, end);
    return from;
  }

  #rename(): void {
    if (this.#fixed.renames.length === 0) {
      return;
    }
    const { slots } = this;
    const overwrite = this.#program.config.tagsRename.overwriteExistTags;
    for (const [from, to] of this.#fixed.renames) {
      if (from.seenAt !== this.#line || (to.seenAt === this.#line && !overwrite) || from === to) {
        continue;
      }
      if (to.seenAt === this.#line) {
        slots.remove(slots.find(to));
      }
      slots.names[slots.find(from)] = to;
      to.seenAt = this.#line;
      from.seenAt = -1;
    }
  }

  #addService(measurement: string): void {
    const { asLogging } = this.#program.config;
    if (asLogging === undefined || this.#fixed.service.seenAt === this.#line) {
      return;
    }
    const value = encodeTagValue(asLogging.service === "" ? measurement : asLogging.service);
    // Without a declared service it is the measurement, which is not that of each line of a shape.
    this.#byValue ||= asLogging.service === "";
    this.#add(this.#fixed.service, value, 0, value.length, 1, FIXED);
  }

  #dropMatching(): void {
    const { slots } = this;
    for (let slot = slots.count - 1; slot >= 0; slot--) {
      const name = slots.names[slot] as LabelName;
      if (name.valuePatterns === undefined) {
        continue;
      }
      this.#byValue = true;
      if (name.valuePatterns.test(this.#slotText(slot))) {
        name.seenAt = -1;
        slots.remove(slot);
      }
    }
  }

  #slotText(slot: number): string {
    const { values, starts, ends, encoded } = this.slots;
    const text = decoder.decode((values[slot] as Uint8Array).subarray(starts[slot], ends[slot]));
    return encoded[slot] === 1 ? text.replace(/\\([,= ])/g, "$1") : text;
  }
}

/** Info labels of one page; a target that declares more keeps the first. */
const MAX_INFO_TAGS = 64;

function valueText({ spans, escapes }: SampleLine, bytes: Uint8Array, label: number): string {
  const start = spans[4 * label + 2] as number;
  const end = spans[4 * label + 3] as number;
  return labelText(bytes, start, end, ((escapes[label] as number) & VALUE_ESCAPED) !== 0);
}
