/** A filter as `[[inputs.prom]]` has it, its patterns plain substrings. */
export interface NameFilter {
  /** `metric_name_filter`: one of them is in the family's name or the sample's own. Empty: all. */
  readonly names: readonly string[];
  /** `metric_types`. Empty: all. */
  readonly types: readonly string[];
  /** `tags_ignore`. */
  readonly tagsIgnore: readonly string[];
}

export function keepsSample(
  filter: NameFilter | undefined,
  family: { readonly name: string; readonly type: string },
  sampleName: string,
): boolean {
  if (filter === undefined) {
    return true;
  }
  const named =
    filter.names.length === 0 ||
    filter.names.some((name) => sampleName.includes(name) || family.name.includes(name));
  return named && (filter.types.length === 0 || filter.types.includes(family.type));
}
