import { closest, distance } from "fastest-levenshtein";

/** `; did you mean "interval"?` where one of the known words is close to the given one, else nothing. */
export function didYouMean(given: string, known: readonly string[]): string {
  const word = nearest(given, known);
  return word === undefined ? "" : `; did you mean "${word}"?`;
}

/** The known word that is at most `most` edits away; by default two, or a third of the length for long words. */
export function nearest(
  given: string,
  known: readonly string[],
  most?: number,
): string | undefined {
  if (known.length === 0 || given.length > 200) {
    return undefined;
  }
  const lower = given.toLowerCase().replaceAll("-", "_");
  const word = closest(lower, known);
  const bound = most ?? Math.max(2, Math.floor(word.length / 3));
  return distance(lower, word) <= Math.min(bound, given.length - 1) ? word : undefined;
}
