import { type Bindings, type Logger, type LoggerOptions, pino } from "pino";
import { redactText } from "../../redact.ts";
import { redactFields } from "./log-fields.ts";
import { terminalLine } from "./terminal-line.ts";

export type Log = Logger;
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

export interface LogSettings {
  readonly level: LogLevel;
  /** `json`: one object a line. `terminal`: for people. */
  readonly form: "json" | "terminal";
  readonly color: boolean;
}

/** Takes whole lines, line end included, and never waits for a reader. */
export interface LineSink {
  write(line: string): void;
}

/**
 * The log of the process. Lines are handed to `sink` before the call returns; there are few of them (nothing per sample, repeats
 * throttled).
 */
export function createLog(settings: LogSettings, sink: LineSink): Log {
  const options: LoggerOptions = {
    level: settings.level,
    base: null,
    formatters: { log: redactFields },
    // Errors are plain fields by then; pino's own serializer would take their type from that.
    serializers: { err: (shown: unknown) => shown },
    hooks: {
      logMethod(args, method) {
        const [first, ...rest] = args as unknown[];
        // An error alone: pino would take its message as the text, past the belt.
        const whole = first instanceof Error ? [{ err: first }, rest[0] ?? first.message] : args;
        const shown = whole.map((part) => (typeof part === "string" ? redactText(part) : part));
        method.apply(this, shown as Parameters<typeof method>);
      },
    },
  };
  const log = pino(options, settings.form === "json" ? sink : terminalSink(sink, settings.color));
  // pino formats the fields of a message, those of a child logger it writes as they are. Children inherit this.
  const child = log.child;
  log.child = function (this: Log, fields: Bindings, ...rest: []) {
    return child.call(this, redactFields(fields), ...rest);
  } as typeof child;
  return log;
}

function terminalSink(sink: LineSink, color: boolean): LineSink {
  return { write: (line) => sink.write(terminalLine(line, color)) };
}
