import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FamilyTable, type MetricType } from "../../src/exposition/family-table.ts";

function tableOf(declared: Readonly<Record<string, MetricType>>, maxFamilies = 100): FamilyTable {
  const table = new FamilyTable(maxFamilies);
  for (const [family, type] of Object.entries(declared)) {
    table.declare(family, type);
  }
  return table;
}

/** `family type part`. */
function roleText(table: FamilyTable, name: string, hasQuantile = false): string {
  const { family, type, part } = table.roleOf(name, hasQuantile);
  return `${family} ${type} ${part}`;
}

describe("roles", () => {
  const table = tableOf({
    c: "counter",
    g: "gauge",
    h: "histogram",
    s: "summary",
    u: "untyped",
    build: "info",
    node_info: "info",
    h_x: "histogram",
    h_x_sum: "gauge",
    g_info: "gauge",
  });

  test.each([
    ["c", "c counter scalar"],
    ["c_total", "c counter scalar"],
    ["c_created", "c counter scalar"],
    ["c_sum", "c_sum untyped scalar"],
    ["g", "g gauge scalar"],
    ["g_total", "g_total untyped scalar"],
    ["h", "h histogram scalar"],
    ["h_bucket", "h histogram bucket"],
    ["h_sum", "h histogram sum"],
    ["h_count", "h histogram count"],
    ["h_gsum", "h histogram scalar"],
    ["h_gcount", "h histogram scalar"],
    ["h_created", "h histogram scalar"],
    ["h_total", "h_total untyped scalar"],
    ["s", "s summary scalar"],
    ["s_sum", "s summary sum"],
    ["s_count", "s summary count"],
    ["s_created", "s summary scalar"],
    ["s_bucket", "s_bucket untyped scalar"],
    ["u_total", "u_total untyped scalar"],
    ["build_info", "build_info info info"],
    ["build", "build_info info info"],
    ["node_info", "node_info info info"],
    ["node", "node_info info info"],
    ["h_x_sum", "h_x_sum gauge scalar"],
    ["h_x_count", "h_x histogram count"],
    ["g_info", "g_info gauge scalar"],
    ["_total", "_total untyped scalar"],
    ["never", "never untyped scalar"],
  ])("%s is %s", (name, role) => {
    expect(roleText(table, name)).toBe(role);
    expect(roleText(table, name)).toBe(role);
  });

  test("a quantile label counts in summaries only", () => {
    expect(roleText(table, "s", true)).toBe("s summary quantile");
    expect(roleText(table, "s_sum", true)).toBe("s summary sum");
    expect(roleText(table, "g", true)).toBe("g gauge scalar");
    expect(roleText(table, "never", true)).toBe("never untyped scalar");
  });

  test("the same answer is the same object", () => {
    expect(table.roleOf("h_bucket", false)).toBe(table.roleOf("h_bucket", false));
    expect(table.roleOf("s", true)).toBe(table.roleOf("s", true));
  });
});

test("a declaration changes what was answered before", () => {
  const table = tableOf({});
  expect(roleText(table, "x_sum")).toBe("x_sum untyped scalar");
  table.declare("x", "histogram");
  expect(roleText(table, "x_sum")).toBe("x histogram sum");
  table.declare("x", "gauge");
  expect(roleText(table, "x_sum")).toBe("x_sum untyped scalar");
  table.declare("x_sum", "counter");
  expect(roleText(table, "x_sum")).toBe("x_sum counter scalar");
  expect(roleText(table, "y")).toBe("y untyped scalar");
  table.declare("y", "info");
  expect(roleText(table, "y")).toBe("y_info info info");
});

test("a declaration repeated, or of another family, leaves answers as they are", () => {
  const table = tableOf({ x: "histogram" });
  const role = table.roleOf("x_sum", false);
  table.declare("x", "histogram");
  table.declare("y", "counter");
  expect(table.roleOf("x_sum", false)).toBe(role);
});

test("reset forgets everything", () => {
  const table = tableOf({ x: "counter" });
  expect(roleText(table, "x_total")).toBe("x counter scalar");
  table.reset();
  expect(roleText(table, "x_total")).toBe("x_total untyped scalar");
});

test("beyond the limit the oldest declaration is forgotten, and one repeated is young again", () => {
  const table = tableOf({ a: "counter", b: "counter" }, 2);
  expect(roleText(table, "b_total")).toBe("b counter scalar");
  table.declare("a", "counter");
  table.declare("c", "counter");
  expect(["a", "b", "c"].map((name) => roleText(table, name))).toEqual([
    "a counter scalar",
    "b untyped scalar",
    "c counter scalar",
  ]);
  expect(roleText(table, "b_total")).toBe("b_total untyped scalar");
});

test("the length of names is bounded too", () => {
  const table = new FamilyTable(100, 10);
  table.declare("aaaa", "gauge");
  table.declare("bbbb", "gauge");
  table.declare("cccc", "gauge");
  expect(["aaaa", "bbbb", "cccc"].map((name) => table.roleOf(name, false).type)).toEqual([
    "untyped",
    "gauge",
    "gauge",
  ]);
  table.declare("a name longer than all that is held", "gauge");
  expect(table.roleOf("a name longer than all that is held", false).type).toBe("untyped");
  expect(table.roleOf("cccc", false).type).toBe("untyped");
});

test("declarations that change their mind without end take linear time", { timeout: 4000 }, () => {
  const table = new FamilyTable(16_384);
  for (let index = 0; index < 16_000; index++) {
    table.declare(`f${index}`, "gauge");
    table.roleOf(`f${index}`, false);
  }
  // 45 us each when a name was deleted and set again: 9 s.
  for (let turn = 0; turn < 200_000; turn++) {
    table.declare("x", turn % 2 === 0 ? "counter" : "gauge");
    table.roleOf("x", false);
  }
  expect(roleText(table, "x")).toBe("x gauge scalar");
});

test("a table of no families still answers", () => {
  expect(roleText(tableOf({ a: "gauge" }, 0), "a")).toBe("a untyped scalar");
});

test("answers are those of a table that has never answered before", () => {
  const name = fc
    .tuple(
      fc.constantFrom("a", "a_b", "b"),
      fc.constantFrom("", "_sum", "_count", "_total", "_bucket", "_info", "_created"),
    )
    .map(([base, suffix]) => base + suffix);
  const type = fc.constantFrom<MetricType>(
    "counter",
    "gauge",
    "histogram",
    "summary",
    "untyped",
    "info",
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, fc.option(type)), { maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      (steps, limit) => {
        const table = new FamilyTable(limit);
        const declared: [string, MetricType][] = [];
        for (const [family, declaredType] of steps) {
          if (declaredType === null) {
            const fresh = new FamilyTable(limit);
            for (const [known, knownType] of declared) {
              fresh.declare(known, knownType);
            }
            expect(roleText(table, family)).toBe(roleText(fresh, family));
          } else {
            table.declare(family, declaredType);
            declared.push([family, declaredType]);
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("a page of many families is linear: no declaration drops the answers of the others", () => {
  const table = new FamilyTable(50_000);
  const roles = Array.from({ length: 20_000 }, (_, index) => {
    table.declare(`f${index}`, "counter");
    return table.roleOf(`f${index}_total`, false);
  });
  expect(roles.every((role, index) => table.roleOf(`f${index}_total`, false) === role)).toBe(true);
});
