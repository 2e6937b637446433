import type { RulesConfig } from "./rules-config.ts";

type NamingConfig = Pick<
  RulesConfig,
  "measurementPrefix" | "measurementName" | "measurements" | "keepExistMetricName"
>;

export interface PointName {
  readonly measurement: string;
  /** Empty where a rule's prefix is the whole name. */
  readonly field: string;
}

const UNKNOWN: PointName = { measurement: "unknown", field: "unknown" };

/** Measurement and field of a family name, in the order of datakit.md 2.2. */
export function namePoint(config: NamingConfig, name: string): PointName {
  const { measurement, field } =
    nameByRule(config, name) ?? nameFixed(config, name) ?? nameBySplit(config, name);
  const named = measurement === "" ? "prom" : measurement;
  return { measurement: config.measurementPrefix + named, field };
}

function nameByRule(config: NamingConfig, name: string): PointName | undefined {
  const rule = config.measurements.find(({ prefix }) => prefix !== "" && name.startsWith(prefix));
  if (rule === undefined) {
    return undefined;
  }
  const measurement = rule.name === "" ? trimEnd(rule.prefix) : rule.name;
  return { measurement, field: name.slice(rule.prefix.length) };
}

/** A loop: `/_+$/` takes quadratic time on underscores that something follows. */
function trimEnd(prefix: string): string {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === "_") {
    end--;
  }
  return prefix.slice(0, end);
}

function nameFixed(config: NamingConfig, name: string): PointName | undefined {
  return config.measurementName === ""
    ? undefined
    : { measurement: config.measurementName, field: name };
}

function nameBySplit(config: NamingConfig, name: string): PointName {
  const stripped = name.replace(/^_+/, "");
  // DataKit counts bytes of the whole name here: one ASCII character at the end is too little to
  // name anything.
  if (stripped === "" || (stripped.length === 1 && stripped.charCodeAt(0) < 0x80)) {
    return UNKNOWN;
  }
  const split = stripped.indexOf("_");
  if (split === -1) {
    return { measurement: stripped, field: stripped };
  }
  const measurement = stripped.slice(0, split);
  if (split === stripped.length - 1) {
    return { measurement, field: measurement };
  }
  return { measurement, field: config.keepExistMetricName ? stripped : stripped.slice(split + 1) };
}
