import type { Category } from "../payload.ts";
import { minus, NOTHING, plus, type Tally } from "../tally.ts";
import type { Body } from "./body/body.ts";
import { type Origin, type Piece, wholePiece } from "./piece.ts";

/** The bodies that a destination took from its queue and that are neither sent nor lost yet. */
export class Hand {
  readonly #origins = new Set<Origin>();
  readonly #tallies: Record<Category, Tally> = { metric: NOTHING, logging: NOTHING };

  tally(category: Category): Tally {
    return this.#tallies[category];
  }

  take(body: Body): Piece {
    const piece = wholePiece(body);
    this.#origins.add(piece.origin);
    this.#tallies[body.category] = plus(this.#tallies[body.category], body.tally);
    return piece;
  }

  /** A piece is sent or lost. True: it was the last of its body. */
  done({ body, origin }: Piece): boolean {
    this.#tallies[body.category] = minus(this.#tallies[body.category], body.tally);
    origin.rest = minus(origin.rest, body.tally);
    origin.unsettled -= 1;
    return origin.unsettled === 0 && this.#origins.delete(origin);
  }

  /** Ends it all. Of the bodies that are `leaving` with the process, what is left of each. */
  leave(leaving: ReadonlySet<Body>): readonly { readonly category: Category; rest: Tally }[] {
    const lost = [];
    const taken = new Set<Body>();
    for (const { body, rest } of this.#origins) {
      taken.add(body);
      if (leaving.has(body)) {
        lost.push({ category: body.category, rest });
        this.#tallies[body.category] = minus(this.#tallies[body.category], rest);
      }
    }
    for (const body of leaving) {
      if (!taken.has(body)) {
        lost.push({ category: body.category, rest: body.tally });
      }
    }
    this.#origins.clear();
    return lost;
  }
}
