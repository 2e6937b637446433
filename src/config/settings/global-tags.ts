import type { Reading } from "../language/reading.ts";
import type { ValueType } from "../language/schema.ts";
import { stringMap } from "../language/value-types.ts";
import type { Machine } from "./machine.ts";

type Tags = Readonly<Record<string, string>>;

/** A table of tags, or the same as `k=v,k=v`, which is how the environment has it. */
export const tagMap: ValueType<Tags> = {
  name: "table of strings",
  read: (raw, at) => (typeof raw === "string" ? parseTagList(raw, at) : stringMap.read(raw, at)),
};

/** Not trimmed; a part without exactly one `=` is left out with a warning. */
function parseTagList(text: string, at: Reading): Tags {
  const pairs: [string, string][] = [];
  for (const part of text.split(",")) {
    const [name = "", value, ...more] = part.split("=");
    if (value !== undefined && more.length === 0 && name !== "") {
      pairs.push([name, value]);
    } else if (part.trim() !== "") {
      at.warn(`${at.show(part)} is not of the form name=value and is left out`);
    }
  }
  return Object.fromEntries(pairs);
}

/** Replaces values such as `__datakit_hostname`, in any case. A tag whose value cannot be found is left out. */
export async function resolveTags(
  tags: Tags,
  node: { readonly hostname: string; readonly address: string | undefined },
  machine: Machine,
  at: Reading,
): Promise<Tags> {
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(tags)) {
    const [, wanted] = /^(?:__|\$)datakit_(hostname|ip|id|uuid)$/i.exec(value) ?? [];
    if (wanted === undefined) {
      pairs.push([name, value]);
      continue;
    }
    const isAddress = wanted.toLowerCase() === "ip";
    const found = isAddress ? (node.address ?? (await machine.address())) : node.hostname;
    if (found === undefined) {
      at.warn(`this machine has no address for the tag "${name}", which is left out`);
    } else {
      pairs.push([name, found]);
    }
  }
  return Object.fromEntries(pairs);
}
