import type { Category } from "../../payload.ts";
import type { Tally } from "../../tally.ts";
import type { Body } from "./body.ts";

/**
 * What waits for one destination, between the batcher and its sender. Calls are synchronous; a queue with a slow store behind
 * it reads ahead. A body taken stays the queue's own until it is settled: a store may forget it only then.
 */
export interface BodyQueue {
  /** Takes in a body. Returns what is lost by that: older bodies, or this one, by the policy for a full queue. */
  push(body: Body): readonly Body[];
  /** The oldest body that is not taken, which it now is. */
  take(): Body | undefined;
  /** Ends the taking: all of the body is sent or lost. */
  settle(body: Body): void;
  /**
   * Makes room for `bytes` of memory as far as the policy allows, and returns the bodies lost by that.
   */
  makeRoom(bytes: number): readonly Body[];
  /** True when `bytes` more fit without losing anything. */
  hasRoom(bytes: number): boolean;
  /** Hands out no more what would still be there in the next life. */
  rest(): void;
  /** Takes out the bodies, taken ones included, that will not be there in the next life. For the end, after `rest`. */
  leave(): ReadonlySet<Body>;
  /** True when what it holds would mostly be there in the next life. */
  readonly lasts: boolean;
  /** Bodies not taken. */
  readonly waiting: Readonly<Record<Category, Tally>>;
  /** How many they are; at least, where they are on disk. After `rest`, those that would still be handed out. */
  readonly waitingBodies: number;
  /** Bytes of memory held, taken bodies included. */
  readonly heldBytes: number;
}
