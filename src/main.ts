import { runCli } from "./cli/cli.ts";
import { EXIT_FAILED, EXIT_OK } from "./cli/cli-io.ts";
import { redactText } from "./redact.ts";

const argv = process.argv.slice(2);

// `promline once FILE | head` has got what it wanted. An agent goes on scraping and delivering when nobody reads its
// standard output any more.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") {
    process.stderr.write(`promline: standard output: ${error.message}\n`);
    process.exit(EXIT_FAILED);
  } else if (argv[0] !== "run") {
    process.exit(EXIT_OK);
  }
});
// Nothing is left to say it on.
process.stderr.on("error", () => {});
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

const code = await runCli(argv, {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  slow: () => (process.stdout.writableNeedDrain ? drained(process.stdout) : undefined),
});
// What is still on its way to a slow reader would be cut off by the exit.
await Promise.all([drained(process.stdout), drained(process.stderr)]);
process.exit(code);

/** Resolves when everything written to `stream` so far has left this process, or cannot any more. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}

function fail(reason: unknown): void {
  const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  process.stderr.write(`promline: unexpected: ${redactText(text)}\n`);
  process.exit(EXIT_FAILED);
}
