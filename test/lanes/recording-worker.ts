import type { LaneStart, ToLane } from "../../src/lanes/messages.ts";
import { failedReport } from "./targets.ts";

/**
 * A lane's thread that answers each scrape with a report whose `detail` is what it has been told since its last: kinds of
 * messages, joined by `+` within an array.
 */
export function runLane({ port }: LaneStart): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let told: string[] = [];
  port.on("message", (messages: ToLane[]) => {
    told.push(messages.map(({ kind }) => kind).join("+"));
    for (const message of messages) {
      if (message.kind === "ping") port.postMessage([{ kind: "pong" }]);
      if (message.kind === "close") resolve();
      if (message.kind !== "scrape") continue;
      const report = failedReport("aborted");
      const outcome = { ...report.outcome, detail: told.join(" ") };
      told = [];
      const { id } = message;
      const payload = { category: "metric", gzip: new Uint8Array(100), rawBytes: 0 };
      port.postMessage([
        { kind: "payload", id, payload: { ...payload, points: 0, samples: 0 } },
        { kind: "report", id, report: { ...report, outcome } },
      ]);
    }
  });
  return promise.finally(() => port.close());
}
