import type { Clock } from "../clock.ts";
import type { Category } from "../payload.ts";
import { NOTHING, plus, type Tally } from "../tally.ts";
import { MINUTE, SECOND } from "../units.ts";
import { destinationBackOff } from "./back-off.ts";
import { type Origin, type Piece, type PieceTrouble, troubleOf } from "./piece.ts";

/** Failures after which a body steps aside. */
const PATIENCE = 2;
/** As many may stand aside before the destination has taken anything: with more, it is the destination that is ill. */
const MOST_UNPROVEN = 4;
/** Where all fails for so long, bodies are halved as well, in case there is something bad in each. */
const GUESS_AFTER = 2 * MINUTE;
/** But not into more pieces than this: most likely the destination is down. */
const MOST_GUESSED = 12;
/** The same where parts of bodies are taken. */
const MOST_PIECES = 100;
/** Bodies that are searched at their own pace; with more of them the oldest no longer wait for it. */
const MOST_BODIES = 32;
/** Halvings of one body; what is still bad then is lost as it is. */
const MOST_HALVINGS = 100;
/** As many bodies in a row are searched although nothing of them is taken: with more, the destination refuses everything. */
const MOST_REFUSED = 3;
/** A refusal is certain, so the search may begin at once: to find one bad line takes twice the bytes of its body. */
const REFUSED_CREDIT = 3 * MINUTE;

/** What to do with a piece that stands aside. */
export type AsideStep = "send" | "halve" | "lose";

/**
 * Pieces that step aside so that others can go on: those that failed twice with an answer of their own, and those that the
 * destination refuses for what is in them. They are searched for what is bad by halving.
 *
 * A failure counts against a piece only when the destination takes something else after it, and fails with nothing else before that.
 * Otherwise it may as well be the destination that is down, and the piece is sent again as it is.
 *
 * All pieces of a body together make no more requests than one body's worth of bytes a minute.
 */
export class Aside {
  readonly #clock: Clock;
  readonly #random: () => number;
  /** What was put in front comes first where the destination has to be probed. */
  #pieces: Piece[] = [];
  /** Bodies that failed and made it look as if the destination did, since it took something. */
  readonly #suspects = new Set<Origin>();
  /** Monotonic time when it took something, or when it was first asked. */
  #acceptedAtMs: number;
  /** A guess was right: what was halved is taken in part, so there is something bad in many bodies. Until a whole one is taken. */
  #guessing = false;
  /** Whole bodies refused since the destination took something. */
  #refused = 0;
  /** There will be no better time. */
  #hurried = false;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
    this.#acceptedAtMs = clock.monotonic();
  }

  get size(): number {
    return this.#pieces.length;
  }

  /** True while another body may be tried to find out whether it is the body or the destination. */
  get takesMore(): boolean {
    return this.#pieces.filter((piece) => !this.#isProven(piece)).length < MOST_UNPROVEN;
  }

  /** Milliseconds until the first piece may go; undefined where there is none. */
  get waitMs(): number | undefined {
    const first = this.#pieces.reduce((due, piece) => Math.min(due, this.#dueAt(piece)), Infinity);
    return first === Infinity ? undefined : Math.max(0, first - this.#clock.monotonic());
  }

  /** What stands aside of a category, and how many bodies it is of. */
  standing(category: Category): { readonly bodies: number; readonly tally: Tally } {
    const pieces = this.#pieces.filter(({ body }) => body.category === category);
    const tally = pieces.reduce((all, { body }) => plus(all, body.tally), NOTHING);
    return { bodies: new Set(pieces.map(({ origin }) => origin)).size, tally };
  }

  /** The destination took something, of that piece. */
  accepted({ body, origin }: Piece): void {
    origin.accepted = true;
    this.#guessing = body !== origin.body && (this.#guessing || origin.guessed);
    this.#refused = 0;
    this.#acceptedAtMs = this.#clock.monotonic();
    const isShared = this.#suspects.size > 1;
    for (const piece of this.#pieces) {
      if (piece.evidence === "pending") {
        piece.evidence = isShared && this.#suspects.has(piece.origin) ? "none" : "given";
      }
    }
    this.#suspects.clear();
  }

  /** The destination is failing, as far as this piece shows; so the others may have failed for that. */
  suspect({ origin }: Piece): void {
    this.#suspects.add(origin);
    for (const piece of this.#pieces) {
      if (piece.evidence === "pending" && piece.origin !== origin) {
        piece.evidence = "none";
      }
    }
  }

  /** A piece failed with an answer of its own. True: it stands aside now, and the next attempt is another's. */
  failed(piece: Piece, outcome: Omit<PieceTrouble, "reason">): boolean {
    const now = this.#clock.monotonic();
    piece.failures += 1;
    piece.again = true;
    piece.evidence = "pending";
    piece.trouble = troubleOf("poison", outcome);
    const wait = destinationBackOff(piece.failures, "normal", this.#random());
    piece.notBeforeMs = now + (this.#hurried ? Math.min(wait, SECOND) : wait);
    if (!piece.aside && piece.failures < PATIENCE) {
      return false;
    }
    if (!piece.aside) {
      piece.origin.freeAtMs = now;
    }
    this.put(piece);
    return true;
  }

  /** A piece was refused for what is in it. False: it is not worth looking for what that is. */
  refused(piece: Piece, trouble: PieceTrouble): boolean {
    const { origin } = piece;
    if (piece.indivisible || piece.body.tally.points <= 1 || origin.halvings >= MOST_HALVINGS) {
      return false;
    }
    if (piece.body === origin.body) {
      this.#refused += 1;
      origin.creditMs = REFUSED_CREDIT;
      origin.freeAtMs = this.#clock.monotonic() - REFUSED_CREDIT;
    }
    // Halves, then quarters: where none of these is taken, all of it is bad.
    if (!origin.accepted && (this.#refused > MOST_REFUSED || origin.halvings > 2)) {
      return false;
    }
    piece.trouble = trouble;
    piece.notBeforeMs = this.#clock.monotonic();
    this.put(piece);
    return true;
  }

  /** Puts back what was not sent, or not answered for itself. */
  put(piece: Piece): void {
    piece.aside = true;
    this.#pieces.push(piece);
    const origins = new Set(this.#pieces.map(({ origin }) => origin));
    if (origins.size > MOST_BODIES) {
      const [oldest] = origins;
      if (oldest !== undefined) {
        oldest.freeAtMs = 0;
      }
    }
  }

  /** Puts the halves of a piece in its place, the first of them to be sent first. */
  putHalves(halves: readonly Piece[]): void {
    for (const half of halves) {
      half.aside = true;
    }
    this.#pieces.unshift(...halves);
  }

  /** Takes out a piece whose time has come. */
  takeDue(): Piece | undefined {
    const now = this.#clock.monotonic();
    return this.#take(this.#pieces.findIndex((piece) => this.#dueAt(piece) <= now));
  }

  /** Takes out the piece that has waited longest, whatever its own time: the destination fails and has to be asked with something. */
  takeProbe(): Piece | undefined {
    return this.#take(0);
  }

  /** What to do with a piece that was taken out. `failing`: the destination is, as far as anyone knows. */
  stepOf(piece: Piece, failing: boolean): AsideStep {
    const { trouble, failures, indivisible, origin } = piece;
    if (trouble === undefined) {
      return "send";
    }
    const isSpent = indivisible || origin.halvings >= MOST_HALVINGS;
    if (trouble.reason !== "poison") {
      return isSpent ? "lose" : "halve";
    }
    if (this.#isProven(piece)) {
      // Once for each failure.
      piece.proven += 1;
      piece.evidence = "none";
      // What failed while the destination was down failed with all others: a whole body and a last line get another chance.
      if (piece.proven < PATIENCE && (isSpent || piece.body === origin.body)) {
        return "send";
      }
      origin.proven = true;
      return isSpent ? "lose" : "halve";
    }
    if (indivisible || failures === 0 || !this.#guesses(failing, origin)) {
      return "send";
    }
    origin.guessed = true;
    return "halve";
  }

  /** A piece that stands aside is sent: the others of its body wait until that is paid for. */
  spend({ body, origin }: Piece): void {
    const from = Math.max(origin.freeAtMs, this.#clock.monotonic() - origin.creditMs);
    origin.freeAtMs = from + MINUTE * (body.tally.bytes / Math.max(1, origin.body.tally.bytes));
  }

  /** From now on only the back-off of each piece counts, and that ends. */
  hurry(): void {
    this.#hurried = true;
    for (const piece of this.#pieces) {
      piece.notBeforeMs = 0;
    }
  }

  /** A time of failing is over: whatever is not known to be bad may go. */
  recovered(): void {
    for (const piece of this.#pieces.filter(({ origin }) => !origin.proven)) {
      piece.notBeforeMs = 0;
      piece.origin.freeAtMs = 0;
    }
  }

  clear(): void {
    this.#pieces = [];
  }

  /** Whether a piece is halved although nothing says that it is bad. */
  #guesses(failing: boolean, origin: Origin): boolean {
    if (this.#guessing || origin.accepted) {
      return this.#pieces.length < MOST_PIECES;
    }
    const isLong = this.#clock.monotonic() - this.#acceptedAtMs >= GUESS_AFTER;
    return failing && isLong && this.#pieces.length < MOST_GUESSED;
  }

  #isProven({ trouble, evidence }: Piece): boolean {
    return trouble?.reason !== "poison" || evidence === "given";
  }

  #dueAt({ notBeforeMs, origin }: Piece): number {
    return this.#hurried ? notBeforeMs : Math.max(notBeforeMs, origin.freeAtMs);
  }

  #take(index: number): Piece | undefined {
    return index < 0 ? undefined : this.#pieces.splice(index, 1)[0];
  }
}
