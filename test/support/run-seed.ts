/** What `npm test` draws from unless PROMLINE_SEED says otherwise. */
const ALWAYS = 20_261_121;

/**
 * Where random tests begin: one place for all runs of `npm test`, so that a change is judged by what it changed; another one for
 * each run with PROMLINE_SOAK, which is there to find what nobody asked about. Tests print it when they fail.
 */
export function runSeed(): number {
  const given = process.env["PROMLINE_SEED"];
  if (given !== undefined) {
    return Number(given);
  }
  return process.env["PROMLINE_SOAK"] === undefined ? ALWAYS : Date.now() % 2 ** 31;
}
