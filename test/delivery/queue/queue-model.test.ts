import { expect, test } from "vitest";
import { runSeed } from "../../support/run-seed.ts";
import { randomOf, runModel } from "./queue-model.ts";

const MINUTES = 60_000;
/** 10 minutes with PROMLINE_SOAK; PROMLINE_MODEL_SEED repeats one run. */
const BUDGET = process.env["PROMLINE_SOAK"] === undefined ? 10_000 : 10 * MINUTES;
const ONE = process.env["PROMLINE_MODEL_SEED"];

test(
  "whatever the disk and the process suffer, nothing is lost but what may be",
  async () => {
    const start = ONE === undefined ? runSeed() : Number(ONE);
    const random = randomOf(start);
    const end = performance.now() + BUDGET;
    let runs = 0;
    let seed = start;
    do {
      const faults = await runModel(seed);
      expect(faults, `PROMLINE_MODEL_SEED=${seed}`).toEqual([]);
      runs += 1;
      seed = Math.floor(random() * 2 ** 32);
    } while (ONE === undefined && performance.now() < end);
    process.stdout.write(`queue model: ${runs} runs from seed ${start}\n`);
    expect(runs).toBeGreaterThan(0);
  },
  BUDGET + MINUTES,
);
