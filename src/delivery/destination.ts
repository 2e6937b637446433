import { type Clock, WAIT_OVER } from "../clock.ts";
import type { Category } from "../payload.ts";
import { minus, NOTHING, plus, shareOf, type Tally } from "../tally.ts";
import type { Aside } from "./aside.ts";
import { resultOf } from "./attempt-result.ts";
import { Bell } from "./bell.ts";
import type { Body } from "./body/body.ts";
import type { BodyQueue } from "./body/body-queue.ts";
import { excerptOf } from "./body/excerpt.ts";
import type { Circuit } from "./circuit.ts";
import type { DestinationRecord } from "./destination-record.ts";
import { Hand } from "./hand.ts";
import type { LossReason } from "./ledger/loss-reason.ts";
import { cutPiece, halfOf, type Piece, type PieceTrouble, troubleOf } from "./piece.ts";
import type { Sender, SendOutcome } from "./send/sender.ts";
import { mayBeOfBody, type Verdict } from "./send/verdict.ts";
import type { SizeLimit } from "./size-limit.ts";

export interface DestinationParts {
  readonly sender: Sender;
  readonly queue: BodyQueue;
  readonly circuit: Circuit;
  readonly aside: Aside;
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
  readonly #attempts = new Set<Promise<void>>();
  /** One of the pieces that stand aside is being sent or halved. */
  #asideBusy = false;
  readonly #hand = new Hand();
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

  /** What stands aside, part of what is in hand. */
  aside(category: Category): { readonly bodies: number; readonly tally: Tally } {
    return this.#parts.aside.standing(category);
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
      } else if (this.#draining && this.#isOver(signal)) {
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
    this.#parts.aside.hurry();
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
    for (const { category, rest } of this.#hand.leave(queue.leave())) {
      record.lost(category, "shutdown", rest, "stopped before it could be sent");
      lost = plus(lost, rest);
    }
    for (const category of ["metric", "logging"] as const) {
      kept = plus(kept, this.queued(category));
    }
    this.#ready.length = 0;
    this.#parts.aside.clear();
    this.#over = true;
    record.stopped();
    return { lost, kept };
  }

  /** Neither sent nor lost. */
  queued(category: Category): Tally {
    return plus(this.#parts.queue.waiting[category], this.#hand.tally(category));
  }

  #mayStart(): boolean {
    const { circuit, sender } = this.#parts;
    const most = circuit.failures > 0 ? 1 : sender.concurrency;
    return this.#attempts.size < most && circuit.waitMs === 0;
  }

  /** Nothing is left but what stands aside. */
  get #isIdle(): boolean {
    return (
      this.#attempts.size === 0 && this.#ready.length === 0 && this.#parts.queue.waitingBodies === 0
    );
  }

  /**
   * Nothing is left; or all was asked once more and failed, and what waits is better off on disk than here, or there is no time to ask
   * again.
   */
  #isOver({ aborted }: AbortSignal): boolean {
    const { aside, circuit, queue } = this.#parts;
    const failed = this.#attempts.size === 0 && circuit.failures > 0 && circuit.waitMs > 0;
    const hasGivenUp = failed || (this.#isIdle && aside.waitMs !== 0);
    return (this.#isIdle && aside.size === 0) || (hasGivenUp && (queue.lasts || aborted));
  }

  #next(): Piece | undefined {
    const { aside, circuit } = this.#parts;
    const failing = circuit.failures > 0;
    const next =
      this.#ready.shift() ??
      (failing || this.#asideBusy ? undefined : aside.takeDue()) ??
      (failing && !aside.takesMore ? undefined : this.#take());
    return next ?? (failing && !this.#asideBusy ? aside.takeProbe() : undefined);
  }

  #take(): Piece | undefined {
    const body = this.#parts.queue.take();
    return body === undefined ? undefined : this.#hand.take(body);
  }

  #start(piece: Piece, signal: AbortSignal): void {
    const isAside = piece.aside;
    this.#asideBusy ||= isAside;
    const attempt = this.#attempt(piece, signal).finally(() => {
      this.#attempts.delete(attempt);
      this.#asideBusy &&= !isAside;
      this.#bell.ring();
    });
    this.#attempts.add(attempt);
  }

  /** Waits until something rings, or until time lets a request through. */
  async #change(): Promise<void> {
    const { aside, circuit, clock } = this.#parts;
    const ownTime = this.#asideBusy || circuit.failures > 0 ? undefined : aside.waitMs;
    const wait = circuit.waitMs > 0 ? circuit.waitMs : ownTime;
    // What could go now waits for the end of another attempt, which rings.
    if (wait === undefined || wait === 0) {
      await this.#bell.wait();
      return;
    }
    const rung = new AbortController();
    await Promise.race([this.#bell.wait(), clock.sleep(wait, rung.signal)]);
    rung.abort(WAIT_OVER);
  }

  async #attempt(piece: Piece, signal: AbortSignal): Promise<void> {
    const { circuit, clock, limit, record, sender } = this.#parts;
    if (piece.aside && !(await this.#goesOn(piece))) {
      return;
    }
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
        this.#parts.aside.recovered();
        record.recovered();
      }
    }
    switch (verdict.kind) {
      case "retry":
        this.#failed(piece, verdict, outcome, round);
        break;
      case "accepted":
        this.#parts.aside.accepted(piece);
        limit.passed(piece.body.tally.bytes);
        this.#accepted(piece, verdict.rejectedPoints, outcome);
        break;
      case "split":
        limit.refused(piece.body.tally.bytes);
        record.split(outcome);
        await this.#halve(piece);
        break;
      case "dropped": {
        const trouble = troubleOf(verdict.reason, outcome);
        if (verdict.ofLines !== true) {
          this.#lose(piece, verdict.reason, outcome.detail, outcome.status);
        } else if (!this.#parts.aside.refused(piece, trouble)) {
          await this.#loseLine(piece, trouble);
        }
        break;
      }
    }
  }

  #failed(
    piece: Piece,
    verdict: Extract<Verdict, { kind: "retry" }>,
    outcome: SendOutcome,
    round: number,
  ): void {
    const { aside, circuit, record, sender } = this.#parts;
    const ofBody = sender.isLocal !== true && mayBeOfBody(verdict);
    // A failure of what stands aside says nothing about the destination, as long as others are taken.
    const counts = !(piece.aside && ofBody && circuit.failures === 0);
    if (counts) {
      aside.suspect(piece);
      circuit.failed(round, verdict.pace, verdict.afterMs);
      record.failing(verdict.reason, outcome);
    }
    piece.again = true;
    if (ofBody && aside.failed(piece, outcome)) {
      return;
    }
    if (piece.aside) {
      aside.put(piece);
    } else {
      this.#ready.unshift(piece);
    }
  }

  /** False: the piece that stands aside is not sent as it is, but halved or lost. */
  async #goesOn(piece: Piece): Promise<boolean> {
    const { aside, circuit, queue, record } = this.#parts;
    const failing = circuit.failures > 0;
    const next = aside.stepOf(piece, failing);
    // A body that is cut at the end would be sent as a whole in the next life, with what was taken of it.
    const step = next === "halve" && this.#draining && queue.lasts ? "send" : next;
    const { trouble } = piece;
    if (step === "halve" && (await this.#cut(piece, halfOf(piece), "aside"))) {
      if (trouble !== undefined && !failing) {
        record.halved(trouble.reason, trouble.detail, trouble.status);
      }
      return false;
    }
    const isRefused = trouble !== undefined && trouble.reason !== "poison";
    if (trouble !== undefined && (step === "lose" || (step === "halve" && isRefused))) {
      await this.#loseLine(piece, trouble);
      return false;
    }
    aside.spend(piece);
    return true;
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
    if (piece.indivisible || !(await this.#cut(piece, halfOf(piece), "refused"))) {
      this.#lose(piece, "point_too_large", "one point is more than the destination takes");
    }
  }

  /**
   * Puts the parts of a piece in its place. False: it is one line and must go as it is, or not at all; `before` it was ever
   * sent, one within the limit of a body still goes.
   */
  async #cut(piece: Piece, most: number, when: "before" | "refused" | "aside"): Promise<boolean> {
    const { aside, maxRawBytes } = this.#parts;
    const split = await cutPiece(piece, most);
    if (this.#over) {
      return true;
    }
    switch (split.kind) {
      case "parts":
        piece.origin.unsettled += split.parts.length - 1;
        if (when === "aside") {
          piece.origin.halvings += 1;
          aside.putHalves(split.parts);
        } else {
          this.#ready.unshift(...split.parts);
        }
        return true;
      case "corrupt":
        // A body that was not refused yet may still be taken as it is.
        if (when === "aside" && piece.trouble?.reason === "poison") {
          piece.indivisible = true;
          return false;
        }
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

  /** Says what is lost as well as why. */
  async #loseLine(piece: Piece, { reason, detail, status }: PieceTrouble): Promise<void> {
    const line = await excerptOf(piece.body);
    if (!this.#over) {
      this.#lose(piece, reason, `${detail}${detail === "" ? "" : "; "}line: ${line}`, status);
    }
  }

  #lose(piece: Piece, reason: LossReason, detail: string, status?: number): void {
    this.#parts.record.lost(piece.body.category, reason, piece.body.tally, detail, status);
    this.#done(piece);
  }

  #done(piece: Piece): void {
    if (this.#hand.done(piece)) {
      this.#parts.queue.settle(piece.origin.body);
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
