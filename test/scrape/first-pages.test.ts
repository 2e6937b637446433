import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type FirstPage, FirstPages } from "../../src/scrape/first-pages.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Asks for a turn; answers whether it was given, now or since. */
function asked(page: FirstPage): () => Promise<boolean> {
  const turn = page.turn();
  let given = turn === undefined;
  void turn?.then(() => {
    given = true;
  });
  return async () => {
    await Promise.resolve();
    return given;
  };
}

test("one at a time, in the order they asked", async () => {
  const pages = new FirstPages();
  const [first, second, third] = [pages.begin(), pages.begin(), pages.begin()];
  const turns = [asked(first), asked(second), asked(third)] as const;
  expect([await turns[0](), await turns[1](), await turns[2]()]).toEqual([true, false, false]);
  first.end();
  expect([await turns[1](), await turns[2]()]).toEqual([true, false]);
  second.end();
  expect(await turns[2]()).toBe(true);
});

test("who has the turn keeps it from chunk to chunk", () => {
  const pages = new FirstPages();
  const [first, second] = [pages.begin(), pages.begin()];
  expect(first.turn()).toBeUndefined();
  expect(second.turn()).toBeInstanceOf(Promise);
  expect(first.turn()).toBeUndefined();
});

test("one that gives up while it waits is passed by", async () => {
  const pages = new FirstPages();
  const [first, second, third] = [pages.begin(), pages.begin(), pages.begin()];
  asked(first);
  asked(second);
  const turn = asked(third);
  second.end();
  expect(await turn()).toBe(false);
  first.end();
  expect(await turn()).toBe(true);
});

test("a slow target does not keep the turn, and goes on beside the others", async () => {
  const pages = new FirstPages();
  const [slow, second, third] = [pages.begin(), pages.begin(), pages.begin()];
  asked(slow);
  const turns = [asked(second), asked(third)] as const;
  await vi.advanceTimersByTimeAsync(250);
  expect(await turns[0]()).toBe(true);
  expect(slow.turn()).toBeUndefined();
  second.end();
  expect(await turns[1]()).toBe(true);
});

test("one that makes use of its turn keeps it, however long", async () => {
  const pages = new FirstPages();
  const [busy, second] = [pages.begin(), pages.begin()];
  asked(busy);
  const turn = asked(second);
  for (let ms = 0; ms < 1000; ms += 50) {
    await vi.advanceTimersByTimeAsync(50);
    expect(busy.turn()).toBeUndefined();
  }
  expect(await turn()).toBe(false);
});
