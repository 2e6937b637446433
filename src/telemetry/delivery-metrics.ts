import Gauge from "prom-client/lib/gauge.js";
import type Registry from "prom-client/lib/registry.js";
import { SumCounter } from "./sum-counter.ts";

/** Points for one destination. `destination` is its name in the settings, never its URL. */
export interface DeliveryAmount {
  readonly destination: string;
  readonly category: string;
  readonly points: number;
  readonly samples: number;
  /** Bytes of line protocol before compression. */
  readonly rawBytes: number;
}

const AMOUNT = ["destination", "category"] as const;
type Amount = [destination: string, category: string];
type Lost = [...Amount, reason: string];

interface Measures<Metric> {
  readonly points: Metric;
  readonly samples: Metric;
  readonly rawBytes: Metric;
}

/**
 * The delivery side of the ledger. For each destination and category, of points, samples and bytes alike:
 *
 *     promline_delivery_enqueued_* + promline_delivery_recovered_*
 *         = promline_delivery_sent_* + promline_delivery_lost_* + promline_delivery_queued_*
 *
 * With one destination, its enqueued samples are promline_samples_sent_total (an `up` point carries no sample).
 */
export class DeliveryMetrics {
  readonly #registers: Registry[];
  readonly #enqueued: Measures<SumCounter<Amount>>;
  readonly #recovered: Measures<SumCounter<Amount>>;
  readonly #sent: Measures<SumCounter<Amount>>;
  readonly #lost: Measures<SumCounter<Lost>>;
  readonly #attempts: SumCounter<[destination: string, result: string]>;
  readonly #wireBytes: SumCounter<[destination: string]>;
  readonly #seconds: SumCounter<[destination: string]>;
  #queued: () => Iterable<DeliveryAmount> = () => [];

  constructor(registers: Registry[]) {
    this.#registers = registers;
    this.#enqueued = this.#counters<Amount>("enqueued", "taken for delivery", AMOUNT);
    this.#recovered = this.#counters<Amount>("recovered", "found on disk at start-up", AMOUNT);
    this.#sent = this.#counters<Amount>("sent", "the destination accepted", AMOUNT);
    this.#lost = this.#counters<Lost>("lost", "given up, by reason", [...AMOUNT, "reason"]);
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
    this.#registerQueued();
  }

  /** What waits now, for each destination and category; asked for each time the metrics are read. */
  watchQueues(queued: () => Iterable<DeliveryAmount>): void {
    this.#queued = queued;
  }

  recordEnqueued(amount: DeliveryAmount): void {
    add(this.#enqueued, amount, amount.destination, amount.category);
  }

  recordRecovered(amount: DeliveryAmount): void {
    add(this.#recovered, amount, amount.destination, amount.category);
  }

  recordSent(amount: DeliveryAmount): void {
    add(this.#sent, amount, amount.destination, amount.category);
  }

  recordLost(amount: DeliveryAmount, reason: string): void {
    add(this.#lost, amount, amount.destination, amount.category, reason);
  }

  recordAttempt(destination: string, result: string, wireBytes: number, durationMs: number): void {
    this.#attempts.add(1, destination, result);
    this.#wireBytes.add(wireBytes, destination);
    this.#seconds.add(durationMs / 1000, destination);
  }

  #counters<Values extends readonly string[]>(
    fate: string,
    meaning: string,
    labelNames: { readonly [Index in keyof Values]: string },
  ): Measures<SumCounter<Values>> {
    const counter = (unit: string, what: string) =>
      new SumCounter<Values>(
        `promline_delivery_${fate}_${unit}_total`,
        `${what} ${meaning}.`,
        labelNames,
        this.#registers,
      );
    return {
      points: counter("points", "Points"),
      samples: counter("samples", "Samples"),
      rawBytes: counter("bytes", "Bytes of line protocol, before compression,"),
    };
  }

  #registerQueued(): void {
    const gauge = (unit: string, what: string, measure: keyof Measures<unknown>) => {
      const queued = () => this.#queued();
      new Gauge({
        name: `promline_delivery_queued_${unit}`,
        help: `${what} that wait for a destination.`,
        labelNames: AMOUNT,
        registers: this.#registers,
        collect() {
          this.reset();
          for (const { destination, category, ...amount } of queued()) {
            this.inc({ destination, category }, amount[measure]);
          }
        },
      });
    };
    gauge("points", "Points", "points");
    gauge("samples", "Samples", "samples");
    gauge("bytes", "Bytes of line protocol, before compression,", "rawBytes");
  }
}

function add<Values extends readonly string[]>(
  counters: Measures<SumCounter<Values>>,
  { points, samples, rawBytes }: DeliveryAmount,
  ...values: Values
): void {
  counters.points.add(points, ...values);
  counters.samples.add(samples, ...values);
  counters.rawBytes.add(rawBytes, ...values);
}
