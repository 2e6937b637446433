/** A turn without a chunk for so long goes to the next in line: a slow target must not hold up the others. */
const SLOW_MS = 100;

/** A page that is read for the first time. */
export interface FirstPage {
  /** Asked after each chunk: a promise asks the page to wait for its turn. */
  turn(): Promise<void> | undefined;
  /** The page is over, or was never begun. */
  end(): void;
}

/**
 * Lines that a target shows for the first time cost fifty times what known ones do. Pages that are read for the first time
 * are therefore worked through one after the other: read side by side, all of them would be nearly done when their
 * intervals are over. Whoever waits is not charged for it (`OwnTime`).
 */
export class FirstPages {
  readonly #line: Turn[] = [];
  #timer: NodeJS.Timeout | undefined;

  begin(): FirstPage {
    return new Turn(this);
  }

  /** Undefined where `turn` may go on now. */
  ask(turn: Turn): Promise<void> | undefined {
    if (turn.waiting === undefined) {
      this.#line.push(turn);
      turn.waiting = Promise.withResolvers<void>();
      this.#watch();
      this.#next();
    }
    turn.seenMs = performance.now();
    return turn.mayGo ? undefined : turn.waiting.promise;
  }

  leave(turn: Turn): void {
    const place = this.#line.indexOf(turn);
    if (place >= 0) {
      this.#line.splice(place, 1);
      this.#next();
    }
  }

  #next(): void {
    const [first] = this.#line;
    if (first !== undefined && !first.mayGo) {
      first.mayGo = true;
      first.seenMs = performance.now();
      first.waiting?.resolve();
    }
    if (this.#line.length < 2) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  /** While somebody waits, whoever has the turn must show that it is made use of. */
  #watch(): void {
    if (this.#timer === undefined && this.#line.length > 1) {
      this.#timer = setTimeout(() => setImmediate(() => this.#look()), SLOW_MS);
    }
  }

  /** Called once the sockets were asked: what had arrived by then has been seen. */
  #look(): void {
    this.#timer = undefined;
    const [first] = this.#line;
    if (first !== undefined && performance.now() - first.seenMs >= SLOW_MS) {
      this.leave(first);
    }
    this.#watch();
  }
}

class Turn implements FirstPage {
  readonly #pages: FirstPages;
  waiting: PromiseWithResolvers<void> | undefined;
  mayGo = false;
  /** When it last brought something, or got its turn (`performance.now()`). */
  seenMs = 0;

  constructor(pages: FirstPages) {
    this.#pages = pages;
  }

  turn(): Promise<void> | undefined {
    return this.#pages.ask(this);
  }

  end(): void {
    this.#pages.leave(this);
  }
}
