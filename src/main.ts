import { StartSignals } from "./start-signals.ts";

const argv = process.argv.slice(2);
const isAgent = argv[0] === "run";
// Before anything else is loaded: SIGHUP would end the process.
const signals = isAgent ? new StartSignals() : undefined;
const [{ runCli }, { EXIT_FAILED, EXIT_OK }, { redactText }, { nonBlockingWrite }] =
  await Promise.all([
    import("./cli/cli.ts"),
    import("./cli/cli-io.ts"),
    import("./redact.ts"),
    import("./non-blocking-write.ts"),
  ]);

/** A command whose output nobody reads waits for its reader. The agent has to go on, and to end. */
const AGENT_PATIENCE_MS = 500;

// `promline once FILE | head` has got what it wanted. An agent goes on scraping and delivering when nobody reads its
// standard output any more.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (isAgent) {
    return;
  }
  if (error.code !== "EPIPE") {
    process.stderr.write(`promline: standard output: ${error.message}\n`);
    process.exit(EXIT_FAILED);
  }
  process.exit(EXIT_OK);
});
// Nothing is left to say it on.
process.stderr.on("error", () => {});
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

const code = await runCli(argv, {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  slow: () => (process.stdout.writableNeedDrain ? drained(process.stdout) : undefined),
  ...(signals && { signals }),
});
// What is still on its way to a slow reader would be cut off by the exit.
const written = Promise.all([drained(process.stdout), drained(process.stderr)]);
await (isAgent ? Promise.race([written, patience()]) : written);
process.exit(code);

/** Resolves when everything written to `stream` so far has left this process, or cannot any more. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}

function patience(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, AGENT_PATIENCE_MS);
  });
}

function fail(reason: unknown): void {
  const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  const line = `promline: unexpected: ${redactText(text)}\n`;
  if (isAgent) {
    try {
      nonBlockingWrite(2)(Buffer.from(line));
    } catch {
      // Nobody reads it; waiting would keep a broken process.
    }
  } else {
    process.stderr.write(line);
  }
  process.exit(EXIT_FAILED);
}
