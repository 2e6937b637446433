import fc from "fast-check";
import { expect, test } from "vitest";
import type { SeriesMemory } from "../../src/replay/series-memory.ts";
import type { RulesConfig } from "../../src/rules/rules-config.ts";
import type { TransformLimits } from "../../src/scrape/page-transform.ts";
import { DAY, MINUTE, SECOND } from "../../src/units.ts";
import { mutate, pageLines, ruleSets, type Scrape, scrapes } from "../support/page-mutations.ts";
import { seriesMemory } from "../support/replay-memory.ts";
import { TransformedTarget } from "../support/transform-page.ts";

const RUN_MS = process.env["PROMLINE_SOAK"] === undefined ? 10 * SECOND : 10 * MINUTE;

const memory = seriesMemory();
const encoder = new TextEncoder();

const limits = fc.record(
  {
    lineBytes: fc.constantFrom(100, 300),
    labelsPerLine: fc.constantFrom(2, 3),
    samples: fc.integer({ min: 1, max: 60 }),
  },
  { requiredKeys: [] },
);

/** Everything that can be seen of one target's scrapes. */
function run(
  lines: readonly string[],
  plan: readonly Scrape[],
  rules: Partial<RulesConfig>,
  bounds: Partial<TransformLimits>,
  replay: SeriesMemory | undefined,
) {
  const target = new TransformedTarget({
    rules,
    limits: bounds,
    ...(replay === undefined ? {} : { memory: replay }),
  });
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
    fc.assert(
      fc.property(pageLines, scrapes, ruleSets, limits, (lines, plan, rules, bounds) => {
        const replayed = run(lines, plan, rules, bounds, memory);
        expect(replayed).toEqual(run(lines, plan, rules, bounds, undefined));
      }),
      {
        numRuns: Number.POSITIVE_INFINITY,
        interruptAfterTimeLimit: RUN_MS,
        markInterruptAsFailure: false,
      },
    );
  },
  2 * RUN_MS + 20 * SECOND,
);
