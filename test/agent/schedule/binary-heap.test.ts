import fc from "fast-check";
import { expect, test } from "vitest";
import { BinaryHeap } from "../../../src/agent/schedule/binary-heap.ts";

test("gives values in order, whatever was added and taken between", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (steps) => {
      const heap = new BinaryHeap<number>((value) => value);
      let model: number[] = [];
      for (const step of steps) {
        if (step === undefined) {
          expect(heap.pop()).toBe(model.shift());
        } else {
          heap.push(step);
          model = [...model, step].sort((a, b) => a - b);
        }
        expect(heap.peek()).toBe(model[0]);
        expect(heap.size).toBe(model.length);
      }
    }),
  );
});

test("can be filled anew", () => {
  const heap = new BinaryHeap<number>((value) => -value);
  heap.push(9);
  heap.replace([1, 3, 2]);
  expect([heap.pop(), heap.pop(), heap.pop(), heap.pop()]).toEqual([3, 2, 1, undefined]);
});
