import type { ResolvConf } from "./resolv-conf.ts";

/** RFC 1035, 2.3.4, as text and without the root's dot. */
const MAX_NAME = 253;

/**
 * The full names a name may stand for, in the order in which they are asked (resolv.conf(5)): with a dot at its end only itself; with
 * at least `ndots` dots itself first; else with each search domain first.
 */
export function searchList(
  name: string,
  { search, ndots }: Pick<ResolvConf, "search" | "ndots">,
): readonly string[] {
  if (name.endsWith(".")) {
    return allowed([name.slice(0, -1)]);
  }
  const completed = search.map((domain) => (domain === "" ? name : `${name}.${domain}`));
  const dots = name.split(".").length - 1;
  return allowed(dots >= ndots ? [name, ...completed] : [...completed, name]);
}

function allowed(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => name !== "" && name.length <= MAX_NAME);
}
