import type { Body } from "../../src/delivery/body/body.ts";
import type { Sender, SendOutcome } from "../../src/delivery/send/sender.ts";
import type { Verdict } from "../../src/delivery/send/verdict.ts";

export const ACCEPTED: Verdict = { kind: "accepted", rejectedPoints: 0 };
export const FAILED: Verdict = { kind: "retry", reason: "http_5xx", pace: "normal" };

/** Answers each body with what `answer` says, and keeps all bodies it saw. A promise is an answer that takes its time. */
export class ScriptedSender implements Sender {
  readonly address = "scripted";
  readonly seen: Body[] = [];
  readonly accepted: Body[] = [];
  readonly #answer: (body: Body, count: number) => Verdict | Promise<Verdict>;
  readonly concurrency: number;
  /** As a file is: what is under way is not aborted either. */
  isLocal = false;
  underWay = 0;
  mostUnderWay = 0;
  closed = false;

  constructor(answer: (body: Body, count: number) => Verdict | Promise<Verdict>, concurrency = 1) {
    this.#answer = answer;
    this.concurrency = concurrency;
  }

  async send(body: Body, signal: AbortSignal): Promise<SendOutcome> {
    this.seen.push(body);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    const aborted = new Promise<Verdict>((resolve) => {
      signal.addEventListener("abort", () => resolve(FAILED));
    });
    const answer = this.#answer(body, this.seen.length);
    const verdict = await (this.isLocal ? answer : Promise.race([answer, aborted]));
    this.underWay -= 1;
    if (verdict.kind === "accepted") {
      this.accepted.push(body);
    }
    return { verdict, wireBytes: body.gzip.byteLength, detail: "" };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}
