/**
 * Whether version `a` comes before `b`. Both are decimal numbers of any length in every API server there is (and by
 * contract since Kubernetes 1.35, KEP-5504); of any other two nothing is said.
 */
export function isBefore(a: string, b: string): boolean {
  if (!isNumber(a) || !isNumber(b)) {
    return false;
  }
  return a.length === b.length ? a < b : a.length < b.length;
}

function isNumber(version: string): boolean {
  return /^(0|[1-9]\d*)$/.test(version);
}
