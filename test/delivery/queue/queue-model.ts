import { verifyQueue } from "../../../src/spool/queue-verify.ts";
import { HOUR } from "../../../src/units.ts";
import { FakeDisk } from "../../spool/fake-disk.ts";
import { linesOf } from "../line-payload.ts";
import { ManualClock } from "../manual-clock.ts";
import { ACCEPTED, FAILED, ScriptedSender } from "../scripted-sender.ts";
import { Life } from "./queue-case.ts";

const BOUND = 1_000;
const DAY = 24 * HOUR;

/**
 * What must be there: a line that was taken is accepted, counted as lost, or came at most a second before a crash or before the
 * disk began to fail. It is accepted once, unless its answer came as late.
 */
class Model {
  readonly offered = new Map<string, number>();
  readonly accepted = new Map<string, number>();
  readonly mayMiss = new Set<string>();
  readonly mayRepeat = new Set<string>();
  readonly twice: string[] = [];
  lost = 0;
  /** Lines that may be in no count of any life, at most. */
  uncounted = 0;
  /** Since when the disk is in trouble. */
  troubleSince = Number.POSITIVE_INFINITY;

  /** By line: the body it came in first. */
  readonly #bodies = new Map<string, string>();

  /** A body that was halved may be sent as a whole in the next life. */
  asked(line: string, body: string): void {
    const first = this.#bodies.get(line) ?? body;
    this.#bodies.set(line, first);
    if (first !== body) {
      this.mayRepeat.add(line);
    }
  }

  accept(line: string, atMs: number): void {
    if (this.accepted.has(line) && !this.mayRepeat.has(line)) {
      this.twice.push(line);
    }
    this.accepted.set(line, atMs);
  }

  crash(atMs: number): void {
    this.#uncount(atMs);
    this.#since(atMs, this.mayMiss);
    this.#since(atMs, this.mayRepeat);
  }

  /** What could not be put on disk is counted as lost; that something was answered, nobody can write down either. */
  stop(): void {
    if (Number.isFinite(this.troubleSince)) {
      this.#uncount(this.troubleSince);
    }
    this.#since(Number.POSITIVE_INFINITY, this.mayRepeat);
  }

  #uncount(atMs: number): void {
    const from = Math.min(atMs, this.troubleSince) - BOUND;
    this.uncounted += [...this.offered.values()].filter((at) => at >= from).length;
  }

  /** What came, or was answered, since the disk can be relied on no more. */
  #since(atMs: number, lines: Set<string>): void {
    const from = Math.min(atMs, this.troubleSince) - BOUND;
    for (const [line, at] of [...this.offered, ...this.accepted]) {
      if (at >= from) {
        lines.add(line);
      }
    }
  }

  faults(): string[] {
    const missing = [...this.offered.keys()].filter((line) => !this.accepted.has(line));
    const unexcused = missing.filter((line) => !this.mayMiss.has(line));
    return [
      ...(unexcused.length > this.lost
        ? [`${unexcused.length} missing, ${this.lost} counted as lost: ${unexcused.slice(0, 3)}`]
        : []),
      ...(this.twice.length > 0 ? [`${this.twice.length} twice: ${this.twice.slice(0, 3)}`] : []),
    ];
  }
}

/** A generator of numbers from [0, 1) that a seed determines. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Random operations on one queue over several lives, and what is wrong in the end. */
export async function runModel(seed: number, steps = 80): Promise<string[]> {
  const random = randomOf(seed);
  const disk = new FakeDisk(random);
  const clock = new ManualClock();
  const model = new Model();
  const faults: string[] = [];
  const small = random() < 0.5;
  const settings = small ? { memoryBytes: 4_000 } : {};
  const queue = { ...(small ? { maxBytes: 1 << 20 } : {}), freshFirst: random() < 0.7 };
  let isUp = true;
  let lines = 0;
  const live = () => {
    const sender = new ScriptedSender(({ gzip, id, sinkTags }) => {
      for (const line of linesOf(gzip)) {
        model.asked(line, id);
      }
      const strangers = linesOf(gzip).filter((line) => sinkTagsOf(line) !== sinkTags);
      faults.push(...strangers.map((line) => `${line} under ${sinkTags}`));
      if (!isUp || random() < 0.1) {
        return FAILED;
      }
      for (const line of linesOf(gzip)) {
        model.accept(line, clock.monotonic());
      }
      return ACCEPTED;
    });
    return new Life(disk, [sender], clock, queue, settings);
  };
  let life = live();
  const endLife = () => {
    // A life that is over sends no more.
    life.kill();
    model.lost += life.lostPoints;
    const [wrong] = life.imbalance();
    if (wrong !== 0) {
      faults.push(`ledger is out by ${wrong}`);
    }
    life = live();
  };
  const settleTrouble = () => {
    const healthy = disk.fault === undefined && disk.faultRate === 0;
    const works = life.delivery.status().queue?.trouble === undefined;
    if (healthy && works && life.delivery.past()?.isKept === true) {
      model.troubleSince = Number.POSITIVE_INFINITY;
    }
  };
  const operations: readonly [weight: number, run: () => Promise<void> | void][] = [
    [
      40,
      () => {
        const group = Math.floor(random() * 3);
        const batch = Array.from(
          { length: 1 + Math.floor(random() * 5) },
          () => `${group} v=${lines++} 1`,
        );
        for (const line of batch) {
          model.offered.set(line, clock.monotonic());
        }
        life.offerTagged(sinkTagsOf(batch[0]), ...batch);
      },
    ],
    [10, () => life.delivery.flush()],
    [40, () => life.pass(Math.floor(random() * 1_500))],
    [5, () => life.pass(20_000)],
    // A wall clock that is wrong for a while.
    [
      2,
      async () => {
        const ms = Math.round((random() - 0.5) * 3 * DAY);
        clock.step(ms);
        await life.pass(3_000);
        clock.step(-ms);
      },
    ],
    [
      8,
      () => {
        isUp = !isUp;
      },
    ],
    [
      4,
      () => {
        model.crash(clock.monotonic());
        disk.kill();
        endLife();
      },
    ],
    [
      4,
      () => {
        model.crash(clock.monotonic());
        disk.losePower();
        endLife();
      },
    ],
    [
      3,
      async () => {
        await life.stop();
        faults.push(...(await stopFaults(life, disk)));
        model.stop();
        disk.kill();
        endLife();
      },
    ],
    [
      3,
      () => {
        model.troubleSince = Math.min(model.troubleSince, clock.monotonic());
        const kind = Math.floor(random() * 4);
        disk.fault = ["EIO", "ENOSPC", "EROFS", undefined][kind];
        disk.faultRate = kind === 3 ? 0.2 : 0;
      },
    ],
    [
      6,
      () => {
        disk.fault = undefined;
        disk.faultRate = 0;
      },
    ],
  ];
  const total = operations.reduce((all, [weight]) => all + weight, 0);
  for (let step = 0; step < steps; step += 1) {
    let at = random() * total;
    for (const [weight, run] of operations) {
      at -= weight;
      if (at < 0) {
        await run();
        break;
      }
    }
    settleTrouble();
  }
  disk.fault = undefined;
  disk.faultRate = 0;
  isUp = true;
  await life.pass(300_000);
  model.lost += life.lostPoints;
  const [wrong] = life.imbalance();
  const status = life.delivery.status().destinations[0];
  if (wrong !== 0 || status?.ledger.metric.queued.points !== 0) {
    faults.push(`ledger is out by ${wrong}, ${status?.ledger.metric.queued.points} still queued`);
  }
  await life.stop();
  faults.push(...(await stopFaults(life, disk)));
  return [...faults, ...ledgerFaults(life, lines, model.uncounted), ...model.faults()];
}

/** After a stop with a disk that works, the ledger says what is on it. */
async function stopFaults(life: Life, disk: FakeDisk): Promise<readonly string[]> {
  const works = life.delivery.status().queue?.trouble === undefined;
  const isKept = life.delivery.past()?.isKept === true;
  if (!works || !isKept || disk.fault !== undefined || disk.faultRate > 0) {
    return [];
  }
  return (await verifyQueue(disk, "/queue")).differences;
}

/** Over all lives, every line is in the counts but for those that may be in none, and the counts add up. */
function ledgerFaults(life: Life, lines: number, uncounted: number): string[] {
  const { recovered, offered } = life.metricLedger;
  const missing = lines - life.past("enqueued") - offered.points;
  const into = life.past("enqueued") + life.past("found");
  const out = life.past("sent") + life.past("lost") + life.past("unknown") + recovered.points;
  return [
    ...(missing < 0 || missing > uncounted ? [`${missing} of ${uncounted} uncounted`] : []),
    ...(into === out ? [] : [`${into} in earlier lives, but ${out} came out`]),
  ];
}

/** The sinker's tags of a line: most have some. */
function sinkTagsOf(line = ""): string | undefined {
  return line.startsWith("0") ? undefined : `group=${line.charAt(0)}`;
}
