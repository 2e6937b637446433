import { withSinkTags } from "../../../src/delivery/body/body.ts";
import { Delivery } from "../../../src/delivery/delivery.ts";
import {
  type DeliverySettings,
  type FileSettings,
  QUEUE_DEFAULTS,
  type QueueSettings,
} from "../../../src/delivery/delivery-settings.ts";
import type { LedgerStatus } from "../../../src/delivery/delivery-status.ts";
import { plus, sum } from "../../../src/tally.ts";
import type { FakeDisk } from "../../spool/fake-disk.ts";
import { linesOf, payloadOf } from "../line-payload.ts";
import { ManualClock, turns } from "../manual-clock.ts";
import { RecordingObserver } from "../recording-observer.ts";
import type { ScriptedSender } from "../scripted-sender.ts";

const QUEUE: QueueSettings = {
  ...QUEUE_DEFAULTS,
  directory: "/queue",
  drainBytesPerSecond: 0,
};

/** One life of a delivery with a queue on that disk; time goes on where the last life ended. */
export class Life {
  readonly delivery: Delivery;
  readonly observer = new RecordingObserver();
  readonly clock: ManualClock;
  readonly #abort = new AbortController();

  constructor(
    disk: FakeDisk,
    senders: readonly ScriptedSender[],
    clock: ManualClock = new ManualClock(),
    queue: Partial<QueueSettings> = {},
    settings: Partial<DeliverySettings> = {},
  ) {
    this.clock = clock;
    const names = senders.map((_, index) => "abc".charAt(index));
    const destinations = names.map(
      (name): FileSettings => ({
        kind: "file",
        name,
        directory: name,
        maxFileBytes: 0,
        maxTotalBytes: 0,
      }),
    );
    this.delivery = new Delivery(
      {
        destinations,
        memoryBytes: 1_000_000,
        overflow: "drop_oldest",
        flushIntervalMs: 10_000,
        maxRawBodyBytes: 1000,
        hostName: "n1",
        queue: { ...QUEUE, ...queue },
        ...settings,
      },
      {
        clock: this.clock,
        observer: this.observer,
        random: () => 0.5,
        senderOf: ({ name }) => senders[names.indexOf(name)]!,
        disk: disk.session(),
      },
    );
    this.delivery.start(this.#abort.signal);
  }

  offer(...lines: string[]): void {
    this.offerTagged(undefined, ...lines);
  }

  offerTagged(sinkTags: string | undefined, ...lines: string[]): void {
    this.delivery.offer({ ...payloadOf(lines), ...withSinkTags(sinkTags) });
  }

  /** Lets time go by; disk and destinations take their turns. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await turns(40);
  }

  async stop(): Promise<void> {
    await this.clock.drive(this.delivery.stop(4_000), this.clock.monotonic() + 60_000);
  }

  /** The process is dead: nothing it still does can be seen. */
  kill(): void {
    this.#abort.abort();
  }

  get lostPoints(): number {
    const ledgers = this.delivery.status().destinations.map(({ ledger }) => ledger.metric.lost);
    return ledgers.reduce((all, lost) => all + sum(Object.values(lost)).points, 0);
  }

  get metricLedger(): LedgerStatus {
    return this.delivery.status().destinations[0]!.ledger.metric;
  }

  /** Points of earlier lives with that fate, of all destinations. */
  past(fate: string): number {
    const { counts = [] } = this.delivery.past() ?? {};
    return counts
      .filter((count) => count.measure === "points" && count.fate === fate)
      .reduce((all, { count }) => all + count, 0);
  }

  /** Columns of the ledger that do not add up, of each destination. */
  imbalance(): number[] {
    return this.delivery.status().destinations.map(({ ledger }) => {
      const { offered, recovered, sent, queued, lost } = ledger.metric;
      const out = plus(plus(sent, queued), sum(Object.values(lost)));
      return plus(offered, recovered).points - out.points;
    });
  }
}

/** Offers so many bodies of a line that hardly compresses, four for each time that the queue writes. */
export async function offerNoise(life: Life, count: number, from = 0): Promise<void> {
  for (let index = from; index < from + count; index += 1) {
    life.offer(`a,noise=${"x".repeat(50)}${Math.sin(index)}${Math.cos(index)} v=${index} 1`);
    life.delivery.flush();
    if (index % 4 === 0) {
      await life.pass(600);
    }
  }
}

export function linesAccepted(sender: ScriptedSender): string[] {
  return sender.accepted.flatMap(({ gzip }) => linesOf(gzip));
}
