import type { FieldValue, Point } from "./line-protocol.ts";

/** What one collection of points has and the other has not, each as readable text, sorted. */
export interface PointDifference {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/**
 * Compares points by value, as multisets in no order: float fields by their 64 bits, so that 1e3 equals 1000 and 0 differs
 * from -0. `points`: a point's fields belong together. `samples`: each field counts for itself, so that one line with two
 * fields equals two lines with one.
 */
export function comparePoints(
  actual: Iterable<Point>,
  expected: Iterable<Point>,
  by: "points" | "samples" = "points",
): PointDifference {
  const print = by === "points" ? pointText : sampleTexts;
  const counts = new Map<string, number>();
  const add = (points: Iterable<Point>, step: number) => {
    for (const point of points) {
      for (const text of print(point)) {
        counts.set(text, (counts.get(text) ?? 0) + step);
      }
    }
  };
  add(actual, 1);
  add(expected, -1);
  return { missing: repeated(counts, -1), unexpected: repeated(counts, 1) };
}

/** The points without repetition: of samples with the same series, field and time the last one, as storage keeps it. */
export function lastOfEach(points: Iterable<Point>): readonly Point[] {
  const kept = new Map<string, Point>();
  for (const point of points) {
    for (const [key, value] of point.fields) {
      const fields = new Map([[key, value]]);
      kept.set(`${seriesText(point)} ${JSON.stringify(key)}`, { ...point, fields });
    }
  }
  return [...kept.values()];
}

function repeated(counts: ReadonlyMap<string, number>, sign: number): readonly string[] {
  const texts: string[] = [];
  for (const [text, count] of counts) {
    for (let left = count * sign; left > 0; left -= 1) {
      texts.push(text);
    }
  }
  return texts.sort();
}

function pointText(point: Point): readonly string[] {
  const fields = [...point.fields].map(([key, value]) => fieldText(key, value)).sort();
  return [`${seriesText(point)} ${fields.join(",")}`];
}

function sampleTexts(point: Point): readonly string[] {
  return [...point.fields].map(([key, value]) => `${seriesText(point)} ${fieldText(key, value)}`);
}

function seriesText(point: Point): string {
  const tags = [...point.tags].map((tag) => tag.map((part) => JSON.stringify(part)).join("="));
  return `${JSON.stringify(point.measurement)}{${tags.sort().join(",")}}@${point.time ?? "none"}`;
}

function fieldText(key: string, field: FieldValue): string {
  const value =
    field.type === "float" ? `${field.value}(${bits(field.value)})` : String(field.value);
  return `${JSON.stringify(key)}=${field.type}:${value}`;
}

function bits(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}
