import { access } from "node:fs/promises";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { type DrainOutcome, drainQueue } from "../agent/commands/queue-drain.ts";
import { systemClock } from "../clock.ts";
import { parseDuration } from "../config/language/duration.ts";
import { processEnvironment } from "../config/language/environment.ts";
import { formatIssue } from "../config/language/issue-text.ts";
import { loadAgentSettings } from "../config/settings/load-agent-settings.ts";
import { faultCode } from "../spool/disk.ts";
import { nodeDisk } from "../spool/node-disk.ts";
import { verifyQueue } from "../spool/queue-verify.ts";
import type { Amount } from "../spool/segment-format.ts";
import { isDirectoryLocked } from "../spool/socket-lock.ts";
import { recordsOf, type SegmentView, viewSpool } from "../spool/spool-view.ts";
import { type CliIo, EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./cli-io.ts";
import { queueOptions } from "./command-options.ts";
import { ledgerText } from "./queue-ledger.ts";

const ACTIONS = ["list", "inspect", "verify", "drain"];
const CATEGORIES = ["metric", "logging"];

/**
 * `promline queue`: what is on disk, or sends it. Resolves to the exit code: 1 where there is no queue that can be read, where
 * `verify` found a difference, or where `drain` left or lost something.
 */
export async function queueCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: queueOptions,
    allowPositionals: true,
  });
  const [action = "list"] = positionals;
  const { print, timeout = "5m" } = values;
  const timeoutMs = parseDuration(timeout);
  if (!ACTIONS.includes(action)) {
    return wrong(io, `unknown action ${action}: wanted ${ACTIONS.join(", ")}`);
  }
  if (print !== undefined && (action !== "inspect" || print !== "lines")) {
    return wrong(io, `--print ${print}: wanted inspect --print lines`);
  }
  if (timeoutMs === undefined || timeoutMs <= 0) {
    return wrong(io, `--timeout ${timeout} is not a duration; write one like "30s" or "1m30s"`);
  }
  const { settings, issues } = await loadAgentSettings(values.config, processEnvironment());
  const errors = issues.filter(({ severity }) => severity === "error");
  // Who names the directory can look into it whatever the settings are.
  if (errors.length > 0 && (action === "drain" || values.dir === undefined)) {
    io.stderr(errors.map((issue) => `${formatIssue(issue)}\n`).join(""));
    return EXIT_USAGE;
  }
  const dir = values.dir ?? settings.queue.dir;
  try {
    // Nothing is made where nothing is.
    await access(dir);
    if (action === "drain") {
      return await drain(
        { ...settings, queue: { ...settings.queue, enabled: true, dir } },
        timeoutMs,
        io,
      );
    }
    if (action === "verify") {
      return await verify(dir, io);
    }
    await (action === "list" ? list(dir, io) : inspect(dir, print === "lines", io));
    return EXIT_OK;
  } catch (error) {
    io.stderr(`promline: ${dir} cannot be read as a queue: ${faultCode(error)}\n`);
    return EXIT_FAILED;
  }
}

function wrong(io: CliIo, message: string): number {
  io.stderr(`promline: ${message}\n`);
  return EXIT_USAGE;
}

async function list(dir: string, io: CliIo): Promise<void> {
  const held = await isDirectoryLocked(dir);
  io.stdout(`queue ${dir}${held ? ", in use by an agent" : ""}\n`);
  for (const category of await categoriesIn(dir)) {
    const { segments, waiting, foreign } = await viewSpool(nodeDisk, `${dir}/${category}`);
    io.stdout(`${category}: ${segments.length} segments\n`);
    for (const segment of segments) {
      io.stdout(`  ${segmentText(segment)}\n`);
    }
    for (const [destination, amount] of waiting) {
      io.stdout(`  waits for ${destination}: ${amountText(amount)}\n`);
    }
    if (segments.length > 0 && waiting.size === 0) {
      io.stdout("  no destination has positions: everything waits\n");
    }
    for (const name of foreign) {
      io.stdout(`  ${name}: of another version, or not readable; left alone\n`);
    }
  }
  io.stdout(await ledgerText(nodeDisk, dir, false));
}

async function inspect(dir: string, lines: boolean, io: CliIo): Promise<void> {
  await inspectRecords(dir, lines, io);
  if (!lines) {
    io.stdout(await ledgerText(nodeDisk, dir, true));
  }
}

async function inspectRecords(dir: string, lines: boolean, io: CliIo): Promise<void> {
  for (const category of await categoriesIn(dir)) {
    const directory = `${dir}/${category}`;
    const { segments } = await viewSpool(nodeDisk, directory);
    for (const { name, first } of segments) {
      let expected = first;
      for await (const { sequence, record } of recordsOf(nodeDisk, directory, name)) {
        if (sequence > expected) {
          io.stderr(`${category} ${expected} to ${sequence - 1}: cannot be read\n`);
        }
        expected = sequence + 1;
        if (lines) {
          io.stdout(linesOf(record.gzip, `${category} ${sequence}`, io));
        } else {
          const { id, ordinal, atMs, points, samples, rawBytes, gzip } = record;
          io.stdout(
            `${category} ${sequence} ${timeText(atMs)} ${id} ${ordinal} points=${points} samples=${samples} bytes=${rawBytes} compressed=${gzip.byteLength}\n`,
          );
        }
        await io.slow();
      }
    }
  }
}

async function verify(dir: string, io: CliIo): Promise<number> {
  if (await isDirectoryLocked(dir)) {
    io.stderr(`promline: an agent has ${dir}, and changes it: stop it first\n`);
    return EXIT_FAILED;
  }
  const { isCompared, differences } = await verifyQueue(nodeDisk, dir);
  for (const difference of differences) {
    io.stdout(`${difference}\n`);
  }
  if (!isCompared) {
    io.stdout("counts not compared: there is no ledger of a life that was stopped\n");
  }
  if (differences.length === 0) {
    io.stdout(isCompared ? "ledger, positions and records agree\n" : "all records can be read\n");
  }
  return differences.length === 0 ? EXIT_OK : EXIT_FAILED;
}

async function drain(
  settings: Parameters<typeof drainQueue>[0],
  timeoutMs: number,
  io: CliIo,
): Promise<number> {
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const outcome = await drainQueue(settings, {
    clock: systemClock,
    timeoutMs,
    signal: stopped.signal,
    say: (text) => io.stderr(`${text}\n`),
  });
  process.off("SIGINT", stop);
  process.off("SIGTERM", stop);
  return drainExit(outcome, io);
}

function drainExit(outcome: DrainOutcome, io: CliIo): number {
  switch (outcome.kind) {
    case "no_destination":
      return wrong(
        io,
        "the settings have no destination with a queue: set ENV_DATAWAY or --config",
      );
    case "closed":
      io.stderr(
        outcome.code === "locked"
          ? "promline: an agent has this queue, and sends what waits there\n"
          : `promline: the queue cannot be opened: ${outcome.code}\n`,
      );
      return EXIT_FAILED;
    case "drained":
    case "stopped": {
      const { sent, lost, left } = outcome;
      io.stdout(`sent ${sent} points, lost ${lost}, ${left} still wait\n`);
      return lost === 0 && left === 0 ? EXIT_OK : EXIT_FAILED;
    }
  }
}

/** Rejects where there is none. */
async function categoriesIn(dir: string): Promise<string[]> {
  const names = await nodeDisk.list(dir);
  return CATEGORIES.filter((category) => names.includes(category));
}

function segmentText({ name, bytes, amount, newestMs, complete }: SegmentView): string {
  const state = complete ? "" : ", not complete";
  return `${name}: ${bytes} bytes, ${amountText(amount)}, newest ${timeText(newestMs)}${state}`;
}

function amountText({ records, points }: Amount): string {
  return `${points} points in ${records} records`;
}

function timeText(ms: number): string {
  return ms > 0 ? new Date(ms).toISOString() : "-";
}

function linesOf(gzip: Uint8Array, where: string, io: CliIo): string {
  try {
    const text = gunzipSync(gzip).toString("utf8");
    return text === "" || text.endsWith("\n") ? text : `${text}\n`;
  } catch (error) {
    io.stderr(`${where}: cannot be inflated: ${faultCode(error)}\n`);
    return "";
  }
}
