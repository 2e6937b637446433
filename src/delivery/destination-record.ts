import type { Clock } from "../clock.ts";
import type { Category } from "../payload.ts";
import type { Tally } from "../tally.ts";
import type { AttemptResult, DeliveryNotice, DeliveryObserver } from "./delivery-observer.ts";
import type { DestinationState, LastError } from "./delivery-status.ts";
import { Ledger } from "./ledger/ledger.ts";
import type { LossReason } from "./ledger/loss-reason.ts";
import { NoticeThrottle } from "./notice-throttle.ts";
import type { SendOutcome } from "./send/sender.ts";
import type { RetryReason } from "./send/verdict.ts";

/** What is known about one destination: its ledger, its state, what a person was told. */
export class DestinationRecord {
  readonly name: string;
  readonly ledger: Ledger;
  readonly #clock: Clock;
  readonly #observer: DeliveryObserver;
  readonly #throttle: NoticeThrottle;
  #state: DestinationState = "idle";
  #lastSuccessMs: number | undefined;
  #lastError: LastError | undefined;

  constructor(name: string, clock: Clock, observer: DeliveryObserver) {
    this.name = name;
    this.ledger = new Ledger(name, observer);
    this.#clock = clock;
    this.#observer = observer;
    this.#throttle = new NoticeThrottle(clock);
  }

  get state(): DestinationState {
    return this.#state;
  }

  get lastSuccessMs(): number | undefined {
    return this.#lastSuccessMs;
  }

  get lastError(): LastError | undefined {
    return this.#lastError;
  }

  attempt(result: AttemptResult, wireBytes: number, durationMs: number): void {
    this.#observer.attempt(this.name, result, wireBytes, durationMs);
  }

  sent(category: Category, tally: Tally): void {
    this.#lastSuccessMs = this.#clock.now();
    this.ledger.sent(category, tally);
  }

  /** There was an answer, well or not; a time of failing ends only with `recovered`. */
  answered(): void {
    if (this.#state === "idle") {
      this.#become("ok");
    }
  }

  lost(
    category: Category,
    reason: LossReason,
    tally: Tally,
    detail: string,
    status?: number,
  ): void {
    this.ledger.lost(category, reason, tally);
    if (reason !== "shutdown") {
      this.#error(reason, detail, status);
    }
    this.#notice({ event: "lost", reason, detail, ...withStatus(status) });
  }

  failing(reason: RetryReason, outcome: SendOutcome): void {
    this.#error(reason, outcome.detail, outcome.status);
    this.#become("failing");
    const { detail, status } = outcome;
    this.#notice({ event: "failing", reason, detail, ...withStatus(status) });
  }

  /** A body is not taken while others are, and is halved to find out why. */
  halved(reason: LossReason, detail: string, status?: number): void {
    this.#error(reason, detail, status);
    this.#notice({ event: "aside", reason, detail, ...withStatus(status) });
  }

  recovered(): void {
    this.#become("ok");
    this.#notice({ event: "recovered", detail: "" });
  }

  split(outcome: SendOutcome): void {
    const { detail, status } = outcome;
    this.#notice({ event: "split", detail, ...withStatus(status) });
  }

  stopped(): void {
    this.#become("stopped");
  }

  #become(state: DestinationState): void {
    if (this.#state !== state) {
      this.#state = state;
      this.#observer.state(this.name, state);
    }
  }

  #error(reason: RetryReason | LossReason, detail: string, status: number | undefined): void {
    this.#lastError = { atMs: this.#clock.now(), reason, detail, ...withStatus(status) };
  }

  #notice(notice: Omit<DeliveryNotice, "destination" | "suppressed">): void {
    const suppressed = this.#throttle.pass(`${notice.event} ${notice.reason ?? ""}`);
    if (suppressed !== undefined) {
      this.#observer.notice({ ...notice, destination: this.name, suppressed });
    }
  }
}

function withStatus(status: number | undefined): { readonly status?: number } {
  return status === undefined ? {} : { status };
}
