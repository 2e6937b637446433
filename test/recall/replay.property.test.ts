import fc from "fast-check";
import { expect } from "vitest";
import type { TransformLimits } from "../../src/points/page-transform.ts";
import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { DAY, MINUTE, SECOND } from "../../src/units.ts";
import { mutate, pageLines, ruleSets, type Scrape, scrapes } from "../support/page-mutations.ts";
import { seriesMemory, replayTest as test } from "../support/replay-memory.ts";
import { TransformedTarget, type TransformOptions } from "../support/transform-page.ts";

const RUN_MS = process.env["PROMLINE_SOAK"] === undefined ? 10 * SECOND : 10 * MINUTE;

const encoder = new TextEncoder();
const NEIGHBOUR = '# TYPE a_h gauge\na_h{x="one"} 1\na_h{x="two"} 2\nb 3\n';

const limits = fc.record(
  {
    lineBytes: fc.constantFrom(100, 300),
    labelsPerLine: fc.constantFrom(2, 3),
    samples: fc.integer({ min: 1, max: 60 }),
  },
  { requiredKeys: [] },
);

type Replay = Pick<TransformOptions, "memory" | "room" | "between">;

/** Everything that can be seen of one target's scrapes. */
function run(
  lines: readonly string[],
  plan: readonly Scrape[],
  rules: Partial<RulesConfig>,
  bounds: Partial<TransformLimits>,
  replay: Replay,
) {
  const target = new TransformedTarget({ rules, limits: bounds, ...replay });
  let page = [...lines];
  const seen = plan.map(({ mutations, chunks, cutAt, openMetrics, day }) => {
    page = mutations.reduce(mutate, page);
    const bytes = encoder.encode(page.join("\n"));
    const output = target.scrape(bytes.subarray(0, cutAt ?? bytes.length), {
      chunks,
      whole: cutAt === undefined,
      atMs: 1_700_000_000_000 + day * DAY,
      dialect: openMetrics ? "openmetrics" : "text",
    });
    const { counts, examples, stopped } = target.transform;
    return {
      output,
      counts,
      examples,
      stopped,
      payloads: target.payloads.map(({ rawBytes, points, samples }) => ({
        rawBytes,
        points,
        samples,
      })),
    };
  });
  target.replay?.forget();
  return seen;
}

test(
  "whatever a target does from scrape to scrape, replay writes what the cold path writes",
  () => {
    const memory = seriesMemory();
    const room = memory.kernel.takeRoom();
    const neighbour = new TransformedTarget({ memory });
    // Where its lines are written, and whether another target is scraped between its chunks.
    const circumstances: readonly Replay[] = [
      { memory },
      { memory, ...(room && { room }) },
      { memory, ...(room && { room }), between: () => neighbour.scrape(NEIGHBOUR) },
    ];
    const replays = fc.constantFrom(...circumstances);
    fc.assert(
      fc.property(
        pageLines,
        scrapes,
        ruleSets,
        limits,
        replays,
        (lines, plan, rules, bounds, replay) => {
          const replayed = run(lines, plan, rules, bounds, replay);
          expect(replayed).toEqual(run(lines, plan, rules, bounds, {}));
        },
      ),
      {
        numRuns: Number.POSITIVE_INFINITY,
        interruptAfterTimeLimit: RUN_MS,
        markInterruptAsFailure: false,
      },
    );
  },
  2 * RUN_MS + 20 * SECOND,
);
