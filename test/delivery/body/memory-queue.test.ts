import { expect, test } from "vitest";
import { heldBytes, joinPayloads } from "../../../src/delivery/body/body.ts";
import { MemoryQueue } from "../../../src/delivery/body/memory-queue.ts";
import { numbered, payloadOf } from "../line-payload.ts";

function bodyOf(id: string) {
  return joinPayloads(id, [payloadOf(numbered(1, 60))]);
}

const SIZE = heldBytes(bodyOf("x"));

test("the oldest body that is not taken makes room, a taken one does not", () => {
  const queue = new MemoryQueue(2 * SIZE, "drop_oldest");
  const [a, b, c, d] = ["a", "b", "c", "d"].map(bodyOf);
  expect([queue.push(a!), queue.push(b!)]).toEqual([[], []]);
  expect(queue.take()).toBe(a);
  expect(queue.push(c!)).toEqual([b]);
  queue.settle(a!);
  expect(queue.push(d!)).toEqual([]);
  expect([queue.take(), queue.take(), queue.take()]).toEqual([c, d, undefined]);
});

test("nothing is thrown away for a body that never fits", () => {
  const queue = new MemoryQueue(2 * SIZE, "drop_oldest");
  queue.push(bodyOf("a"));
  const big = joinPayloads("big", Array(20).fill(payloadOf(numbered(1, 60))));
  expect(queue.push(big)).toEqual([big]);
  expect(queue.waitingBodies).toBe(1);
});

test("with drop_newest what comes is refused", () => {
  const queue = new MemoryQueue(SIZE, "drop_newest");
  const [a, b] = ["a", "b"].map(bodyOf);
  expect(queue.push(a!)).toEqual([]);
  expect(queue.push(b!)).toEqual([b]);
});

test("settling what was not taken is a broken invariant", () => {
  expect(() => new MemoryQueue(SIZE, "drop_oldest").settle(bodyOf("a"))).toThrow("not taken");
});
