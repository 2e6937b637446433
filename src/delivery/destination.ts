import { type Clock, WAIT_OVER } from "../clock.ts";
import type { Category } from "../payload.ts";
import { minus, NOTHING, plus, shareOf, type Tally } from "../tally.ts";
import { Bell } from "./bell.ts";
import type { Body } from "./body/body.ts";
import type { BodyQueue } from "./body/body-queue.ts";
import { splitBody } from "./body/body-splitter.ts";
import { partId } from "./body/part-id.ts";
import type { Circuit } from "./circuit.ts";
import type { AttemptResult } from "./delivery-observer.ts";
import type { DestinationRecord } from "./destination-record.ts";
import type { LossReason } from "./ledger/loss-reason.ts";
import type { Sender, SendOutcome } from "./send/sender.ts";
import type { Verdict } from "./send/verdict.ts";
import type { SizeLimit } from "./size-limit.ts";

export interface DestinationParts {
  readonly sender: Sender;
  readonly queue: BodyQueue;
  readonly circuit: Circuit;
  readonly limit: SizeLimit;
  readonly record: DestinationRecord;
  readonly clock: Clock;
  readonly maxRawBytes: number;
  /** The queue holds less than before. */
  roomMade(): void;
}

/**
 * One destination's loop: takes bodies from its queue, sends them, and does what the verdicts say. Nothing it waits for concerns
 * another destination.
 */
export class Destination {
  readonly #parts: DestinationParts;
  readonly #bell = new Bell();
  /** Taken from the queue and to be sent next: what is sent again, and the parts of what was cut. */
  readonly #ready: Piece[] = [];
  /** Taken from the queue and not settled. */
  readonly #origins = new Set<Origin>();
  readonly #attempts = new Set<Promise<void>>();
  /** Taken from the queue, neither sent nor lost yet. */
  readonly #inHand: Record<Category, Tally> = { metric: NOTHING, logging: NOTHING };
  #draining = false;
  #over = false;

  constructor(parts: DestinationParts) {
    this.#parts = parts;
  }

  get record(): DestinationRecord {
    return this.#parts.record;
  }

  get sender(): Sender {
    return this.#parts.sender;
  }

  get queue(): BodyQueue {
    return this.#parts.queue;
  }

  get failures(): number {
    return this.#parts.circuit.failures;
  }

  /** True when `bytes` more fit, older bodies making room for them where the policy says so. */
  makeRoom(bytes: number): boolean {
    for (const lost of this.#parts.queue.makeRoom(bytes)) {
      this.#evicted(lost);
    }
    return this.#parts.queue.hasRoom(bytes);
  }

  enqueue(body: Body): void {
    for (const lost of this.#parts.queue.push(body)) {
      this.#evicted(lost);
    }
    this.#bell.ring();
  }

  /** There may be something to take from the queue. */
  wake(): void {
    this.#bell.ring();
  }

  lost(category: Category, reason: LossReason, tally: Tally, detail: string): void {
    this.#parts.record.lost(category, reason, tally, detail);
    this.#parts.roomMade();
  }

  /**
   * Runs until `signal` aborts or, once `drain` was called, until nothing is left. Then no attempt is under way. What is local takes
   * no notice of the abort while it works.
   */
  async run(signal: AbortSignal): Promise<void> {
    const ring = () => this.#bell.ring();
    signal.addEventListener("abort", ring);
    while (!signal.aborted || this.#parts.sender.isLocal === true) {
      this.#bell.reset();
      const piece = this.#mayStart() ? this.#next() : undefined;
      if (piece !== undefined) {
        this.#start(piece, signal);
      } else if (this.#draining && (this.#isEmpty() || this.#isHopeless(signal))) {
        break;
      } else {
        await this.#change();
      }
    }
    signal.removeEventListener("abort", ring);
    await Promise.all(this.#attempts);
  }

  /** Asks `run` to end when everything is sent, and to try at once. */
  drain(): void {
    this.#draining = true;
    this.#parts.circuit.hurry();
    this.#parts.queue.rest();
    this.#bell.ring();
  }

  /**
   * Counts everything that is left, and will not be there in the next life, as lost; what will be is given as `kept`. What an
   * attempt that cannot be aborted still brings is not counted any more.
   */
  abandon(): Abandoned {
    const { queue, record } = this.#parts;
    let [lost, kept] = [NOTHING, NOTHING];
    const leaving = queue.leave();
    const lose = (category: Category, tally: Tally) => {
      record.lost(category, "shutdown", tally, "stopped before it could be sent");
      lost = plus(lost, tally);
    };
    const taken = new Set<Body>();
    for (const { body, rest } of this.#origins) {
      taken.add(body);
      if (leaving.has(body)) {
        lose(body.category, rest);
        this.#inHand[body.category] = minus(this.#inHand[body.category], rest);
      }
    }
    for (const body of leaving) {
      if (!taken.has(body)) {
        lose(body.category, body.tally);
      }
    }
    for (const category of ["metric", "logging"] as const) {
      kept = plus(kept, this.queued(category));
    }
    this.#origins.clear();
    this.#ready.length = 0;
    this.#over = true;
    record.stopped();
    return { lost, kept };
  }

  /** Neither sent nor lost. */
  queued(category: Category): Tally {
    return plus(this.#parts.queue.waiting[category], this.#inHand[category]);
  }

  #mayStart(): boolean {
    const { circuit, sender } = this.#parts;
    const most = circuit.failures > 0 ? 1 : sender.concurrency;
    return this.#attempts.size < most && circuit.waitMs === 0;
  }

  #isEmpty(): boolean {
    return (
      this.#attempts.size === 0 && this.#ready.length === 0 && this.#parts.queue.waitingBodies === 0
    );
  }

  /** It was asked once more and failed; what waits is better off on disk than here, or there is no time to ask again. */
  #isHopeless({ aborted }: AbortSignal): boolean {
    const { circuit, queue } = this.#parts;
    const failed = this.#attempts.size === 0 && circuit.failures > 0 && circuit.waitMs > 0;
    return failed && (queue.lasts || aborted);
  }

  #next(): Piece | undefined {
    const again = this.#ready.shift();
    if (again !== undefined) {
      return again;
    }
    const body = this.#parts.queue.take();
    if (body === undefined) {
      return undefined;
    }
    this.#inHand[body.category] = plus(this.#inHand[body.category], body.tally);
    const origin = { body, unsettled: 1, rest: body.tally };
    this.#origins.add(origin);
    return { body, origin, indivisible: false, again: false };
  }

  #start(piece: Piece, signal: AbortSignal): void {
    const attempt = this.#attempt(piece, signal).finally(() => {
      this.#attempts.delete(attempt);
      this.#bell.ring();
    });
    this.#attempts.add(attempt);
  }

  /** Waits until something rings, or until the circuit lets a request through. */
  async #change(): Promise<void> {
    const { circuit, clock } = this.#parts;
    const wait = circuit.waitMs;
    if (wait === 0) {
      await this.#bell.wait();
      return;
    }
    const rung = new AbortController();
    await Promise.race([this.#bell.wait(), clock.sleep(wait, rung.signal)]);
    rung.abort(WAIT_OVER);
  }

  async #attempt(piece: Piece, signal: AbortSignal): Promise<void> {
    const { circuit, clock, limit, record, sender } = this.#parts;
    if (!piece.indivisible && piece.body.tally.bytes > limit.bytes) {
      if (await this.#cut(piece, limit.bytes, "before")) {
        return;
      }
    }
    const { round } = circuit;
    const started = clock.monotonic();
    const outcome = await sender.send(piece.body, signal, piece.again);
    if (this.#over) {
      return;
    }
    const cutShort = signal.aborted && outcome.verdict.kind === "retry" && sender.isLocal !== true;
    const result = cutShort ? "aborted" : resultOf(outcome.verdict);
    record.attempt(result, outcome.wireBytes, clock.monotonic() - started);
    // What was cut short stays in hand, where `abandon` finds it.
    if (!cutShort) {
      await this.#obey(piece, outcome, round);
    }
  }

  async #obey(piece: Piece, outcome: SendOutcome, round: number): Promise<void> {
    const { circuit, limit, record } = this.#parts;
    const { verdict } = outcome;
    if (verdict.kind !== "retry") {
      record.answered();
      if (circuit.answered(round)) {
        record.recovered();
      }
    }
    switch (verdict.kind) {
      case "retry":
        circuit.failed(round, verdict.pace, verdict.afterMs);
        record.failing(verdict.reason, outcome);
        piece.again = true;
        this.#ready.unshift(piece);
        break;
      case "accepted":
        limit.passed(piece.body.tally.bytes);
        this.#accepted(piece, verdict.rejectedPoints, outcome);
        break;
      case "split":
        limit.refused(piece.body.tally.bytes);
        record.split(outcome);
        await this.#halve(piece);
        break;
      case "dropped":
        this.#lose(piece, verdict.reason, outcome.detail, outcome.status);
        break;
    }
  }

  #accepted(piece: Piece, rejectedPoints: number, outcome: SendOutcome): void {
    const { record } = this.#parts;
    const { category, tally } = piece.body;
    const rejected = rejectedPoints === 0 ? NOTHING : shareOf(tally, rejectedPoints);
    record.sent(category, minus(tally, rejected));
    if (rejectedPoints > 0) {
      record.lost(category, "partial_write", rejected, outcome.detail, outcome.status);
    }
    this.#done(piece);
  }

  async #halve(piece: Piece): Promise<void> {
    const half = Math.max(1, Math.floor(piece.body.tally.bytes / 2));
    if (piece.indivisible || !(await this.#cut(piece, half, "refused"))) {
      this.#lose(piece, "point_too_large", "one point is more than the destination takes");
    }
  }

  /**
   * Puts the parts of a piece in its place. False: it is one line and must go as it is, or not at all; `before` it was ever
   * sent, one within the limit of a body still goes.
   */
  async #cut(piece: Piece, most: number, when: "before" | "refused"): Promise<boolean> {
    const { maxRawBytes } = this.#parts;
    let part = 0;
    const nextId = () => partId(piece.body.id, `${most} ${part++}`);
    const split = await splitBody(piece.body, most, nextId);
    if (this.#over) {
      return true;
    }
    switch (split.kind) {
      case "parts":
        piece.origin.unsettled += split.parts.length - 1;
        this.#ready.unshift(
          ...split.parts.map((body) => ({
            body,
            origin: piece.origin,
            indivisible: false,
            again: false,
          })),
        );
        return true;
      case "corrupt":
        this.#lose(piece, "corrupt", split.detail);
        return true;
      case "single":
        piece.indivisible = true;
        if (when === "before" && piece.body.tally.bytes > maxRawBytes) {
          this.#lose(piece, "point_too_large", "one point is more than a body may hold");
          return true;
        }
        return false;
    }
  }

  #lose(piece: Piece, reason: LossReason, detail: string, status?: number): void {
    this.#parts.record.lost(piece.body.category, reason, piece.body.tally, detail, status);
    this.#done(piece);
  }

  #done(piece: Piece): void {
    const { body, origin } = piece;
    this.#inHand[body.category] = minus(this.#inHand[body.category], body.tally);
    origin.rest = minus(origin.rest, body.tally);
    origin.unsettled -= 1;
    if (origin.unsettled === 0) {
      this.#origins.delete(origin);
      this.#parts.queue.settle(origin.body);
      this.#parts.roomMade();
    }
  }

  #evicted(body: Body): void {
    this.#parts.record.lost(body.category, "queue_full", body.tally, "memory is full");
  }
}

/** What is left of a destination at the end. */
export interface Abandoned {
  readonly lost: Tally;
  /** On disk, for the next life. */
  readonly kept: Tally;
}

/** A body of the queue while it is in hand. */
interface Origin {
  readonly body: Body;
  /** Parts of it. */
  unsettled: number;
  /** What is in these. */
  rest: Tally;
}

/** A body of the queue, or a part of one. */
interface Piece {
  readonly body: Body;
  readonly origin: Origin;
  /** It is known to be one line. */
  indivisible: boolean;
  /** It was sent before. */
  again: boolean;
}

function resultOf(verdict: Verdict): AttemptResult {
  switch (verdict.kind) {
    case "accepted":
    case "split":
      return verdict.kind;
    case "retry":
    case "dropped":
      return verdict.reason;
  }
}
