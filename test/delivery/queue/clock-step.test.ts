import { expect, test } from "vitest";
import { HOUR } from "../../../src/units.ts";
import { FakeDisk } from "../../spool/fake-disk.ts";
import { ACCEPTED, FAILED, ScriptedSender } from "../scripted-sender.ts";
import { Life, linesAccepted, offerNoise } from "./queue-case.ts";

test.each([13 * HOUR, -24 * HOUR])(
  "a wall clock that is set by %i ms expires nothing, then and when it comes back",
  async (ms) => {
    let verdict = FAILED;
    const sender = new ScriptedSender(() => verdict);
    const queue = { maxBytes: 1 << 20 };
    const life = new Life(new FakeDisk(), [sender], undefined, queue, { memoryBytes: 30_000 });
    await offerNoise(life, 300);
    life.clock.step(ms);
    await offerNoise(life, 300, 300);
    life.clock.step(-ms);
    await life.pass(60_000);
    verdict = ACCEPTED;
    await life.pass(300_000);
    expect(life.observer.losses).toEqual([]);
    expect(linesAccepted(sender)).toHaveLength(600);
  },
);
