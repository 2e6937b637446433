import type { Point } from "./line-protocol.ts";

/** Points that have all of `tags`. */
export function withTags(
  points: readonly Point[],
  tags: Readonly<Record<string, string>>,
): readonly Point[] {
  const wanted = Object.entries(tags);
  return points.filter((point) => wanted.every(([key, value]) => point.tags.get(key) === value));
}

/** Whether it is a point the agent makes of a scrape itself: measurement `collector`, field `up`. */
export function isUp({ measurement, fields }: Point): boolean {
  return measurement === "collector" && fields.has("up");
}

/** `1` and `0` of the `up` points of a source (the `job` tag), in the order of their times. */
export function upValues(points: readonly Point[], job: string): readonly string[] {
  return withTags(points, { job })
    .filter(isUp)
    .sort((a, b) => Number((a.time ?? 0n) - (b.time ?? 0n)))
    .map(({ fields }) => String(fields.get("up")?.value));
}

/** The points of scrapes, without the `up` points, by time; the times ascend. */
export function byTime(points: readonly Point[]): readonly (readonly [bigint, readonly Point[]])[] {
  const scrapes = Map.groupBy(
    points.filter((point) => !isUp(point)),
    ({ time }) => time ?? 0n,
  );
  return [...scrapes].sort(([a], [b]) => Number(a - b));
}

/** The points with the times taken away, for comparison with what has none. */
export function withoutTime(points: readonly Point[]): readonly Point[] {
  return points.map((point) => ({ ...point, time: undefined }));
}
