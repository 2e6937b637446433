import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import type Registry from "prom-client/lib/registry.js";

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
type AmountLabel = (typeof AMOUNT)[number];

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
  readonly #enqueued: Measures<Counter<AmountLabel>>;
  readonly #recovered: Measures<Counter<AmountLabel>>;
  readonly #sent: Measures<Counter<AmountLabel>>;
  readonly #lost: Measures<Counter<AmountLabel | "reason">>;
  readonly #attempts: Counter<"destination" | "result">;
  readonly #wireBytes: Counter<"destination">;
  readonly #seconds: Counter<"destination">;
  #queued: () => Iterable<DeliveryAmount> = () => [];

  constructor(registers: Registry[]) {
    this.#registers = registers;
    this.#enqueued = this.#counters("enqueued", "taken for delivery", AMOUNT);
    this.#recovered = this.#counters("recovered", "found on disk at start-up", AMOUNT);
    this.#sent = this.#counters("sent", "the destination accepted", AMOUNT);
    this.#lost = this.#counters("lost", "given up, by reason", [...AMOUNT, "reason"]);
    this.#attempts = new Counter({
      name: "promline_delivery_attempts_total",
      help: "Requests or writes that ended, by result: accepted, split, aborted, or why not.",
      labelNames: ["destination", "result"],
      registers,
    });
    this.#wireBytes = new Counter({
      name: "promline_delivery_wire_bytes_total",
      help: "Bytes of bodies as sent, failed attempts included.",
      labelNames: ["destination"],
      registers,
    });
    this.#seconds = new Counter({
      name: "promline_delivery_attempt_seconds_total",
      help: "Time that attempts took.",
      labelNames: ["destination"],
      registers,
    });
    this.#registerQueued();
  }

  /** What waits now, for each destination and category; asked for each time the metrics are read. */
  watchQueues(queued: () => Iterable<DeliveryAmount>): void {
    this.#queued = queued;
  }

  recordEnqueued(amount: DeliveryAmount): void {
    const { destination, category } = amount;
    add(this.#enqueued, { destination, category }, amount);
  }

  recordRecovered(amount: DeliveryAmount): void {
    const { destination, category } = amount;
    add(this.#recovered, { destination, category }, amount);
  }

  recordSent(amount: DeliveryAmount): void {
    const { destination, category } = amount;
    add(this.#sent, { destination, category }, amount);
  }

  recordLost(amount: DeliveryAmount, reason: string): void {
    const { destination, category } = amount;
    add(this.#lost, { destination, category, reason }, amount);
  }

  recordAttempt(destination: string, result: string, wireBytes: number, durationMs: number): void {
    this.#attempts.inc({ destination, result });
    this.#wireBytes.inc({ destination }, wireBytes);
    this.#seconds.inc({ destination }, durationMs / 1000);
  }

  #counters<Label extends string>(
    fate: string,
    meaning: string,
    labelNames: readonly Label[],
  ): Measures<Counter<Label>> {
    const counter = (unit: string, what: string) =>
      new Counter<Label>({
        name: `promline_delivery_${fate}_${unit}_total`,
        help: `${what} ${meaning}.`,
        labelNames: [...labelNames],
        registers: this.#registers,
      });
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

function add<Label extends string>(
  counters: Measures<Counter<Label>>,
  labels: Record<Label, string>,
  { points, samples, rawBytes }: DeliveryAmount,
): void {
  counters.points.inc(labels, points);
  counters.samples.inc(labels, samples);
  counters.rawBytes.inc(labels, rawBytes);
}
