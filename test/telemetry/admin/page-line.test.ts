import { expect, test } from "vitest";
import { PageLine } from "../../../src/telemetry/admin/page-line.ts";

const wanted = () => true;

test("pages are made in order, with a turn for others between two of them", async () => {
  const line = new PageLine(() => 0);
  const made: string[] = [];
  const pages = ["a", "b", "c"].map((page) =>
    line.inTurn(wanted, async () => {
      made.push(page);
      setImmediate(() => made.push(`after ${page}`));
      return page;
    }),
  );
  expect(await Promise.all(pages)).toEqual(["a", "b", "c"]);
  await new Promise(setImmediate);
  expect(made).toEqual(["a", "after a", "b", "after b", "c", "after c"]);
});

test("a page is not made for whoever has gone before its turn", async () => {
  const line = new PageLine(() => 0);
  let there = true;
  const made: string[] = [];
  const first = line.inTurn(wanted, async () => {
    there = false;
    made.push("first");
  });
  const second = line.inTurn(
    () => there,
    async () => made.push("second"),
  );
  expect([await first, await second]).toEqual([undefined, undefined]);
  expect(made).toEqual(["first"]);
});

test("a page that cannot be made lets the next one through", async () => {
  const line = new PageLine(() => 0);
  const failed = line.inTurn(wanted, () => Promise.reject(new Error("no")));
  const next = line.inTurn(wanted, async () => "next");
  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("next");
});

test("while connections come turn after turn no page is made", async () => {
  let arrivals = 0;
  const arrive = () => {
    arrivals += 1;
    if (arrivals < 50) {
      setImmediate(arrive);
    }
  };
  setImmediate(arrive);
  const line = new PageLine(() => arrivals);
  expect(await line.inTurn(wanted, async () => arrivals)).toBe(50);
});
