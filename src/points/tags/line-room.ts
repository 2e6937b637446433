import { SampleLine } from "../../exposition/sample-line.ts";
import { TagSlots } from "./tag-slots.ts";

/**
 * Where the labels and tags of the line at work are. A line is written before the next is read,
 * whoever's it is, so the targets of a lane share one: it takes 28 KiB for 256 labels.
 */
export class LineRoom {
  readonly maxLabels: number;
  readonly sample: SampleLine;
  #slots = new TagSlots(0);

  constructor(maxLabels: number) {
    this.maxLabels = maxLabels;
    this.sample = new SampleLine(maxLabels);
  }

  /** Slots for at least so many tags. */
  slots(capacity: number): TagSlots {
    if (this.#slots.order.length < capacity) {
      this.#slots = new TagSlots(capacity);
    }
    return this.#slots;
  }
}
