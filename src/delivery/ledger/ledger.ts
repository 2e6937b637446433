import type { Category } from "../../payload.ts";
import { NOTHING, plus, type Tally } from "../../tally.ts";
import type { DeliveryObserver } from "../delivery-observer.ts";
import type { LedgerStatus } from "../delivery-status.ts";
import type { LossReason } from "./loss-reason.ts";

/** The ledger of one destination: what it had to get and what became of it. What becomes of it is told to the observer, entry by entry. */
export class Ledger {
  readonly #destination: string;
  readonly #observer: DeliveryObserver;
  readonly #pages: Record<Category, Page> = { metric: emptyPage(), logging: emptyPage() };

  constructor(destination: string, observer: DeliveryObserver) {
    this.#destination = destination;
    this.#observer = observer;
  }

  offered(category: Category, tally: Tally): void {
    const page = this.#pages[category];
    page.offered = plus(page.offered, tally);
  }

  /** What a previous life left. */
  recovered(category: Category, tally: Tally): void {
    const page = this.#pages[category];
    page.recovered = plus(page.recovered, tally);
    this.#observer.recovered(this.#destination, category, tally);
  }

  sent(category: Category, tally: Tally): void {
    const page = this.#pages[category];
    page.sent = plus(page.sent, tally);
    this.#observer.sent(this.#destination, category, tally);
  }

  lost(category: Category, reason: LossReason, tally: Tally): void {
    const page = this.#pages[category];
    page.lost[reason] = plus(page.lost[reason] ?? NOTHING, tally);
    this.#observer.lost(this.#destination, category, reason, tally);
  }

  /** `queued` comes from whoever holds it, not from the other columns: the invariant can then be checked. */
  status(category: Category, queued: Tally): LedgerStatus {
    const page = this.#pages[category];
    const { offered, recovered } = page;
    return { offered, recovered, sent: page.sent, queued, lost: { ...page.lost } };
  }
}

interface Page {
  offered: Tally;
  recovered: Tally;
  sent: Tally;
  lost: Partial<Record<LossReason, Tally>>;
}

function emptyPage(): Page {
  return { offered: NOTHING, recovered: NOTHING, sent: NOTHING, lost: {} };
}
