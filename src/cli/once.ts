import { parseArgs } from "node:util";
import { onceTargets, scrapeOnce } from "../agent/commands/once.ts";
import { scrapeSummary, totalsSummary } from "../agent/commands/once-summary.ts";
import { OnceTotals } from "../agent/commands/once-totals.ts";
import { processEnvironment } from "../config/language/environment.ts";
import { formatIssue } from "../config/language/issue-text.ts";
import { type CliIo, EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./cli-io.ts";
import { onceOptions } from "./command-options.ts";

/**
 * `promline once`: one scrape of each URL of a file, line protocol on standard output, what became of it on standard error.
 * Resolves to the exit code: 2 where the file has an error, 1 where a scrape failed.
 */
export async function onceCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: onceOptions,
    allowPositionals: true,
  });
  const atMs = values.at === undefined ? undefined : Math.round(Number(values.at) * 1000);
  if (atMs !== undefined && !(Math.abs(atMs) <= 9_223_372_036_853 && values.at?.trim() !== "")) {
    io.stderr(`promline: --at ${values.at}: wanted Unix seconds, such as 1700000000\n`);
    return EXIT_USAGE;
  }
  const { targets, dropped, issues } = await onceTargets(
    positionals[0] as string,
    processEnvironment(),
    values.config,
  );
  for (const issue of issues) {
    io.stderr(`${formatIssue(issue)}\n`);
  }
  const wrong = issues.some(({ severity }) => severity === "error");
  if (issues.some(({ severity, file }) => severity === "error" && file === values.config)) {
    // Some of the rules for all inputs would be worse than none.
    return EXIT_USAGE;
  }
  for (const { source, discoveredLabels } of dropped) {
    io.stderr(`${source} ${JSON.stringify(discoveredLabels)}: dropped by relabel_configs\n`);
  }
  if (targets.length === 0 && dropped.length > 0 && !wrong) {
    return EXIT_OK;
  }
  if (targets.length === 0) {
    io.stderr("promline: nothing to scrape: the file has no valid [[inputs.prom]] with a URL\n");
    return EXIT_USAGE;
  }
  const totals = new OnceTotals();
  let failed = false;
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  const scrapes = scrapeOnce(targets, {
    page: values.exposition,
    atMs,
    signal: interrupted.signal,
    output: (lines) => {
      totals.add(lines);
      io.stdout(lines);
      return io.slow();
    },
  });
  for await (const scrape of scrapes) {
    if (scrape.kind === "unreadable") {
      io.stderr(`promline: --exposition ${values.exposition}: ${scrape.detail}\n`);
      return EXIT_FAILED;
    }
    io.stderr(scrapeSummary(scrape.url, scrape.source, scrape.report));
    failed ||= scrape.report.outcome.kind === "failed";
  }
  io.stderr(totalsSummary(totals));
  if (wrong) {
    return EXIT_USAGE;
  }
  return failed ? EXIT_FAILED : EXIT_OK;
}
