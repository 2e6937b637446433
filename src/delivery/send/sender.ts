import type { Body } from "../body/body.ts";
import type { Verdict } from "./verdict.ts";

/** Brings one body to one destination, once. Retrying is not its job. */
export interface Sender {
  /** Where it goes, without secrets. */
  readonly address: string;
  /** It writes to this machine: a stop waits for it even where it aborts everything else. */
  readonly isLocal?: boolean;
  /** Bodies at the same time while all is well. */
  readonly concurrency: number;
  /** `again`: it was sent before, with no answer that settles it. Never rejects. Ends soon after `signal` aborts, with any verdict. */
  send(body: Body, signal: AbortSignal, again?: boolean): Promise<SendOutcome>;
  close(): Promise<void>;
}

export interface SendOutcome {
  readonly verdict: Verdict;
  /** Bytes of the body as sent or written. */
  readonly wireBytes: number;
  readonly status?: number;
  /** Redacted, one line: an excerpt of the answer or the text of an error. Empty where there is nothing to say. */
  readonly detail: string;
}
