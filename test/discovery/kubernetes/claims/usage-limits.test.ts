import { expect, test } from "vitest";
import { UsageLimits } from "../../../../src/discovery/kubernetes/claims/usage-limits.ts";
import { ManualClock } from "../../../manual-clock.ts";
import { claimsOf, defaultPolicy, instances } from "../../../support/pod-claims.ts";

const SMALL = { samples: 100, series: 50, outputBytes: 1000 };
const LARGE = { samples: 150, series: 75, outputBytes: 1500 };

function limited() {
  const clock = new ManualClock();
  const limits = { ...defaultPolicy.limits, perPod: SMALL, perNamespace: LARGE };
  const usage = new UsageLimits(limits, clock);
  const annotations = instances('urls = ["http://$IP/1", "http://$IP/2"]');
  const { targets } = claimsOf([
    { name: "a", annotations },
    { name: "b", annotations, ips: ["10.1.0.2"] },
    { name: "c", namespace: "other", annotations, ips: ["10.1.0.3"] },
  ]);
  usage.apply(targets);
  const record = (index: number, changes: Partial<typeof SMALL>) =>
    usage.record(targets[index]?.target.key ?? "", {
      samples: 0,
      series: 0,
      outputBytes: 0,
      ...changes,
    });
  return { clock, usage, targets, record };
}

test("two targets of a pod that are too much together: the one that went beyond pauses", () => {
  const { usage, targets, record } = limited();
  expect(record(0, { samples: 60 })).toBe(false);
  expect(record(1, { samples: 41 })).toBe(true);
  const applied = usage.apply(targets);
  expect(applied.targets).toHaveLength(5);
  expect(applied.targets).not.toContain(targets[1]);
  expect(applied.refusals).toMatchObject([
    { pod: "a", rule: "samples_per_pod", valueClass: "101 samples" },
  ]);
});

test("two pods of a namespace that are too much together; other namespaces are not touched", () => {
  const { usage, targets, record } = limited();
  record(0, { series: 45 });
  expect(record(4, { series: 45 })).toBe(false);
  expect(record(2, { series: 45 })).toBe(true);
  expect(usage.apply(targets).refusals).toMatchObject([{ pod: "b", rule: "series_per_namespace" }]);
});

test("bytes of output", () => {
  const { usage, targets, record } = limited();
  expect(record(0, { outputBytes: 1001 })).toBe(true);
  expect(usage.apply(targets).refusals).toMatchObject([{ rule: "output_per_pod" }]);
});

test("after five minutes it may try again", () => {
  const { usage, targets, record, clock } = limited();
  record(0, { samples: 1000 });
  expect(usage.nextEndMs()).toBe(300_000);
  clock.advance(299_999);
  expect(usage.apply(targets).targets).toHaveLength(5);
  clock.advance(1);
  expect(usage.apply(targets)).toMatchObject({ targets: { length: 6 }, refusals: [] });
  expect(record(0, { samples: 1 })).toBe(false);
});

test("a target that is gone counts no more", () => {
  const { usage, targets, record } = limited();
  record(0, { samples: 90 });
  usage.apply(targets.slice(1));
  expect(record(1, { samples: 90 })).toBe(false);
  expect(record(0, { samples: 1e9 })).toBe(false);
});
