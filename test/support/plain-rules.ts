import type { Point } from "./line-protocol.ts";
import { type MetricSample, readMetrics } from "./metrics-page.ts";

/** As much of `[[inputs.prom]]` as published drop-ins for counters and gauges use, stated a second time for tests. */
export interface PlainRules {
  readonly types: readonly string[];
  /** A sample stays when one of them is found in its name. Empty: all stay. */
  readonly names: readonly RegExp[];
  readonly tagsIgnore: readonly string[];
  /** Added where the sample has no such label. */
  readonly tags: Readonly<Record<string, string>>;
  readonly name: (sample: string) => { readonly measurement: string; readonly field: string };
}

/** What a well-formed page comes to under `rules`: a point without time for each sample that stays. */
export function plainPoints(page: string, rules: PlainRules): readonly Point[] {
  const types = new Map(
    [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, family = "", type = ""]) => [
      family,
      type,
    ]),
  );
  return readMetrics(page)
    .filter(({ name }) => rules.types.includes(types.get(name) ?? "untyped"))
    .filter(({ name }) => rules.names.length === 0 || rules.names.some((found) => found.test(name)))
    .filter(({ value }) => Number.isFinite(value))
    .map((sample) => pointOf(sample, rules));
}

/** `etcd_server_has_leader`: measurement `etcd`, field `server_has_leader`. */
export function splitAtFirstUnderscore(name: string): { measurement: string; field: string } {
  const at = name.indexOf("_");
  return at === -1
    ? { measurement: name, field: name }
    : { measurement: name.slice(0, at), field: name.slice(at + 1) };
}

function pointOf({ name, labels, value }: MetricSample, rules: PlainRules): Point {
  const { measurement, field } = rules.name(name);
  // A label named like the field gives way to it.
  const kept = Object.entries(labels).filter(
    ([key]) => key !== field && !rules.tagsIgnore.includes(key),
  );
  const tags = Object.entries({ ...rules.tags, ...Object.fromEntries(kept) });
  return {
    measurement,
    tags: new Map(tags.filter(([, tag]) => tag !== "")),
    fields: new Map([[field, { type: "float", value }]]),
    time: undefined,
  };
}
