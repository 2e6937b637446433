import type { Reading } from "../language/reading.ts";
import { type Schema, setVariable } from "../language/schema.ts";
import { nearest } from "../language/suggestion.ts";
import { agentSchema } from "./agent-schema.ts";

interface Variable {
  readonly name: string;
  readonly doc: string;
}

/** Variables that do not stand for one key. */
export const otherVariables: readonly Variable[] = [
  {
    name: "ENV_DATAKIT_INPUTS",
    doc: "A whole TOML text with `[[inputs.prom]]` tables, beside the drop-ins.",
  },
  { name: "ENV_DISABLE_PROTECT_MODE", doc: "The opposite of `protect_mode`." },
  { name: "ENV_DATAWAY_DISABLE_GZIP", doc: "The opposite of `dataway.gzip`." },
  { name: "ENV_DATAWAY_DISABLE_NTP", doc: "The opposite of `dataway.ntp.enable`." },
  {
    name: "ENV_K8S_NODE_IP",
    doc: "Address for `__datakit_ip`; else that of the route to the outside.",
  },
  { name: "HOST_IP", doc: "Old name of `ENV_K8S_NODE_IP`." },
  {
    name: "ENV_K8S_CLUSTER_NODE_NAME",
    doc: "Value of the tag `host` where node names repeat between clusters.",
  },
  { name: "ENV_LOG", doc: "Accepted for compatibility: the log goes to standard output." },
  {
    name: "ENV_DEFAULT_ENABLED_INPUTS",
    doc: "Inputs of DataKit; those that are not here are named in one warning.",
  },
  { name: "ENV_ENABLE_INPUTS", doc: "Old name of `ENV_DEFAULT_ENABLED_INPUTS`." },
];

/** Inputs of DataKit that this program stands in for. */
const OUR_INPUTS = ["prom", "-"];

/** Says what the variables that stand for no key come to, and which names look like a slip of the pen. */
export function checkVariables(at: Reading): void {
  warnOfInputs(at);
  const log = setVariable(at, "ENV_LOG");
  if (log !== undefined && log !== "stdout") {
    at.variable("ENV_LOG").warn("has no effect: the log goes to standard output");
  }
  const known = [...variablesOf(agentSchema), ...otherVariables.map((one) => one.name)];
  for (const name of Object.keys(at.environment ?? {})) {
    if (name.startsWith("ENV_") && !known.includes(name)) {
      warnOfSlip(name, known, at);
    }
  }
}

function variablesOf(schema: Schema): string[] {
  return Object.values(schema).flatMap((spec) => [
    ...(spec.environment ?? []),
    ...variablesOf(spec.type.keys ?? {}),
  ]);
}

/** DataKit has many more variables, and others begin with ENV_ too: only what is a letter or two off is spoken of. */
function warnOfSlip(name: string, known: readonly string[], at: Reading): void {
  const meant = nearest(
    name.toLowerCase(),
    known.map((one) => one.toLowerCase()),
    2,
  );
  if (meant !== undefined) {
    at.variable(name).warn(`unknown variable, ignored; did you mean "${meant.toUpperCase()}"?`);
  }
}

function warnOfInputs(at: Reading): void {
  for (const name of ["ENV_DEFAULT_ENABLED_INPUTS", "ENV_ENABLE_INPUTS"]) {
    const text = setVariable(at, name) ?? "";
    const missing = text.split(/[\s,]+/).filter((one) => one !== "" && !OUR_INPUTS.includes(one));
    if (missing.length > 0) {
      at.variable(name).warn(`not collected here: ${missing.join(", ")}`);
      return;
    }
  }
}
