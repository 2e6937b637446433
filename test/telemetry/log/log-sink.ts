import type { LineSink } from "../../../src/telemetry/log/log.ts";

/** Keeps what is logged. */
export class LogSink implements LineSink {
  text = "";

  write(line: string): void {
    this.text += line;
  }

  /** The messages without their time. */
  get messages(): Record<string, unknown>[] {
    return this.text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const { time: _, ...message } = JSON.parse(line);
        return message;
      });
  }
}
