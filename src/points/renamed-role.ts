import type { SampleRole } from "../exposition/family-table.ts";

const PART_SUFFIXES: Partial<Record<SampleRole["part"], string>> = {
  bucket: "_bucket",
  sum: "_sum",
  count: "_count",
};

/**
 * What a renamed sample is within its family: the same, where the name still ends as such a
 * sample's does. Else it stands alone.
 */
export function renamedRole(role: SampleRole, name: string): SampleRole {
  const suffix = PART_SUFFIXES[role.part] ?? "";
  return name.endsWith(suffix) && name.length > suffix.length
    ? { ...role, family: name.slice(0, name.length - suffix.length) }
    : { family: name, type: role.type, part: "scalar" };
}
