import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import type Registry from "prom-client/lib/registry.js";
import { SumCounter } from "./sum-counter.ts";

/** What became of the points for one destination. */
export interface DeliveryLedger {
  /** Its name in the settings, never its URL. */
  readonly destination: string;
  readonly category: string;
  /** Taken for delivery. */
  readonly offered: DeliveryAmount;
  readonly recovered: DeliveryAmount;
  readonly sent: DeliveryAmount;
  readonly queued: DeliveryAmount;
  /** Part of what is queued: what steps aside so that others can go on. */
  readonly aside: { readonly bodies: number; readonly tally: DeliveryAmount };
  /** By reason. */
  readonly lost: Readonly<Record<string, DeliveryAmount>>;
}

export interface DeliveryAmount {
  readonly points: number;
  readonly samples: number;
  /** Line protocol before compression. */
  readonly bytes: number;
}

const AMOUNT = ["destination", "category"] as const;
const UNITS = {
  points: "Points",
  samples: "Samples",
  bytes: "Bytes of line protocol, before compression,",
} as const;
const UNIT_NAMES = ["points", "samples", "bytes"] as const;

/**
 * The delivery side of the ledger. For each destination and category, of points, samples and bytes alike:
 *
 *     promline_delivery_enqueued_* + promline_delivery_recovered_*
 *         = promline_delivery_sent_* + promline_delivery_lost_* + promline_delivery_queued_*
 *
 * All of it is what delivery has in its books when the page is read. With one destination, its enqueued samples are promline_samples_sent_total (an `up` point carries no sample).
 */
export class DeliveryMetrics {
  readonly #registers: Registry[];
  readonly #attempts: SumCounter<[destination: string, result: string]>;
  readonly #wireBytes: SumCounter<[destination: string]>;
  readonly #seconds: SumCounter<[destination: string]>;
  #ledgers: () => Iterable<DeliveryLedger> = () => [];

  constructor(registers: Registry[]) {
    this.#registers = registers;
    this.#attempts = new SumCounter<[string, string]>(
      "promline_delivery_attempts_total",
      "Requests or writes that ended, by result: accepted, split, aborted, or why not.",
      ["destination", "result"],
      registers,
    );
    this.#wireBytes = new SumCounter<[string]>(
      "promline_delivery_wire_bytes_total",
      "Bytes of bodies as sent, failed attempts included.",
      ["destination"],
      registers,
    );
    this.#seconds = new SumCounter<[string]>(
      "promline_delivery_attempt_seconds_total",
      "Time that attempts took.",
      ["destination"],
      registers,
    );
    this.#register("enqueued", "taken for delivery", ({ offered }) => offered);
    this.#register("recovered", "found on disk at start-up", ({ recovered }) => recovered);
    this.#register("sent", "the destination accepted", ({ sent }) => sent);
    this.#registerLost();
    this.#registerQueued();
    this.#registerAside("bodies", "Bodies", ({ bodies }) => bodies);
    this.#registerAside("points", "Points", ({ tally }) => tally.points);
  }

  /** For each destination and category; asked for each time the metrics are read. */
  watch(ledgers: () => Iterable<DeliveryLedger>): void {
    this.#ledgers = ledgers;
  }

  recordAttempt(destination: string, result: string, wireBytes: number, durationMs: number): void {
    this.#attempts.add(1, destination, result);
    this.#wireBytes.add(wireBytes, destination);
    this.#seconds.add(durationMs / 1000, destination);
  }

  #register(fate: string, meaning: string, amountOf: (one: DeliveryLedger) => DeliveryAmount) {
    for (const unit of UNIT_NAMES) {
      const ledgers = () => this.#ledgers();
      new Counter({
        name: `promline_delivery_${fate}_${unit}_total`,
        help: `${UNITS[unit]} ${meaning}.`,
        labelNames: AMOUNT,
        registers: this.#registers,
        collect() {
          this.reset();
          for (const ledger of ledgers()) {
            const { destination, category } = ledger;
            this.inc({ destination, category }, amountOf(ledger)[unit]);
          }
        },
      });
    }
  }

  #registerLost(): void {
    for (const unit of UNIT_NAMES) {
      const ledgers = () => this.#ledgers();
      new Counter({
        name: `promline_delivery_lost_${unit}_total`,
        help: `${UNITS[unit]} given up, by reason.`,
        labelNames: [...AMOUNT, "reason"],
        registers: this.#registers,
        collect() {
          this.reset();
          for (const { destination, category, lost } of ledgers()) {
            for (const [reason, amount] of Object.entries(lost)) {
              this.inc({ destination, category, reason }, amount[unit]);
            }
          }
        },
      });
    }
  }

  #registerQueued(): void {
    for (const unit of UNIT_NAMES) {
      const ledgers = () => this.#ledgers();
      new Gauge({
        name: `promline_delivery_queued_${unit}`,
        help: `${UNITS[unit]} that wait for a destination.`,
        labelNames: AMOUNT,
        registers: this.#registers,
        collect() {
          this.reset();
          for (const { destination, category, queued } of ledgers()) {
            this.set({ destination, category }, queued[unit]);
          }
        },
      });
    }
  }

  #registerAside(
    unit: string,
    units: string,
    amountOf: (aside: DeliveryLedger["aside"]) => number,
  ): void {
    const ledgers = () => this.#ledgers();
    new Gauge({
      name: `promline_delivery_aside_${unit}`,
      help: `${units} that the destination did not take and that wait while others go on.`,
      labelNames: AMOUNT,
      registers: this.#registers,
      collect() {
        this.reset();
        for (const { destination, category, aside } of ledgers()) {
          this.set({ destination, category }, amountOf(aside));
        }
      },
    });
  }
}
