import fc from "fast-check";
import { expect, test } from "vitest";
import { Admission, type Ticket } from "../../../src/agent/schedule/admission.ts";
import { KIB, MIB } from "../../../src/units.ts";

const settings = { budgetBytes: 64 * MIB, slotsPerLane: 4, slowPerLane: 2 };
const all = () => true;

function admission(changed: Partial<typeof settings> = {}) {
  return new Admission<string>({ ...settings, ...changed });
}

function names(tickets: readonly Ticket<string>[]): string[] {
  return tickets.map(({ item }) => item);
}

test("lets small pages begin before large ones that came at the same time", () => {
  const at = admission({ slotsPerLane: 2 });
  at.queue("3 MiB", 0, 3 * MIB, false, 0);
  at.queue("1 MiB", 0, 1 * MIB, false, 0);
  at.queue("small", 0, 100 * KIB, false, 0);
  expect(names(at.admit(0, all))).toEqual(["small", "1 MiB"]);
});

test("lets a page that has waited begin before smaller ones that came later", () => {
  const at = admission({ slotsPerLane: 1 });
  at.queue("3 MiB", 0, 3 * MIB, false, 0);
  for (let i = 0; i < 9; i++) at.queue(`small ${i}`, 0, 100 * KIB, false, 500);
  expect(names(at.admit(500, all))).toEqual(["3 MiB"]);
});

test("a monstrous page runs, and takes nothing from a hundred small ones", () => {
  const at = admission({ slotsPerLane: 200 });
  at.queue("300 MiB", 0, 300 * MIB, false, 0);
  for (let i = 0; i < 100; i++) at.queue("small", 0, 200 * KIB, false, 0);
  at.queue("another 300 MiB", 0, 300 * MIB, false, 0);
  const admitted = names(at.admit(0, all));
  expect(admitted).toHaveLength(101);
  expect(admitted).toContain("300 MiB");
});

test("the next monstrous page begins when the last has ended", () => {
  const at = admission();
  at.queue("first", 0, 300 * MIB, false, 0);
  at.queue("second", 0, 300 * MIB, false, 0);
  const [first] = at.admit(0, all);
  if (first === undefined) throw new Error("nothing admitted");
  expect(at.admit(10, all)).toEqual([]);
  expect(at.end(first, 300 * MIB, 20_000)).toBe(false);
  expect(names(at.admit(20_000, all))).toEqual(["second"]);
});

test("pages in flight stay within the budget", () => {
  const at = admission({ slotsPerLane: 1000 });
  for (let i = 0; i < 100; i++) at.queue("2 MiB", 0, 2 * MIB, false, 0);
  for (let i = 0; i < 100; i++) at.queue("8 MiB", 0, 8 * MIB, false, 0);
  const admitted = names(at.admit(0, all));
  expect(admitted.filter((name) => name === "2 MiB")).toHaveLength(16);
  expect(admitted.filter((name) => name === "8 MiB")).toHaveLength(4);
});

test("a lane with no slot left holds up no other", () => {
  const at = admission();
  for (let i = 0; i < 6; i++) at.queue("first lane", 0, undefined, false, 0);
  at.queue("second lane", 1, undefined, false, 1);
  expect(names(at.admit(1, all)).sort()).toEqual([...Array(4).fill("first lane"), "second lane"]);
});

test("a lane that is not ready takes none", () => {
  const at = admission();
  at.queue("dead", 0, undefined, false, 0);
  at.queue("alive", 1, undefined, false, 0);
  expect(names(at.admit(0, (lane) => lane === 1))).toEqual(["alive"]);
  expect(names(at.admit(0, all))).toEqual(["dead"]);
});

test("those that hang give their slots back when they are overdue", () => {
  const at = admission();
  for (let i = 0; i < 4; i++) at.queue("hangs", 0, undefined, false, 0);
  at.admit(0, all);
  expect(at.nextRoomMs(0)).toBe(Number.POSITIVE_INFINITY);
  for (let i = 0; i < 4; i++) at.queue("healthy", 0, undefined, false, 10);
  expect(at.admit(10, all)).toEqual([]);
  const roomMs = at.nextRoomMs(10);
  expect(roomMs).toBeGreaterThan(1000);
  expect(roomMs).toBeLessThan(1100);
  // Two of the four: that many slow ones are allowed beside those that move.
  expect(names(at.admit(roomMs, all))).toEqual(["healthy", "healthy"]);
  expect(at.nextRoomMs(roomMs)).toBe(Number.POSITIVE_INFINITY);
});

test("a target that hung before takes no slot and no bytes, and waits only for its like", () => {
  const at = admission();
  for (let i = 0; i < 3; i++) at.queue("hangs", 0, 30 * MIB, true, 0);
  for (let i = 0; i < 4; i++) at.queue("healthy", 0, undefined, false, 0);
  const admitted = at.admit(0, all);
  expect(names(admitted)).toEqual(["hangs", "hangs", ...Array(4).fill("healthy")]);
  const [hanging] = admitted;
  if (hanging === undefined) throw new Error("nothing admitted");
  at.end(hanging, 0, 500);
  expect(names(at.admit(500, all))).toEqual(["hangs"]);
});

test.for([
  [0, 900, false],
  [0, 1100, true],
  [80 * MIB, 10_000, false],
  [80 * MIB, 12_000, true],
] as const)("%i bytes in %i ms are slow: %s", ([bytes, ms, slow]) => {
  const at = admission();
  at.queue("a", 0, bytes, false, 0);
  const [ticket] = at.admit(0, all);
  if (ticket === undefined) throw new Error("nothing admitted");
  expect(at.end(ticket, bytes, ms)).toBe(slow);
});

test("who left the line does not begin", () => {
  const at = admission();
  const gone = at.queue("gone", 0, undefined, false, 0);
  at.queue("here", 0, undefined, false, 0);
  at.withdraw(gone);
  expect(names(at.admit(0, all))).toEqual(["here"]);
});

test("whatever comes, bounds hold and nobody is left behind", () => {
  const coming = fc.record({
    lane: fc.nat(2),
    bytes: fc.option(fc.nat(400 * MIB), { nil: undefined }),
    slow: fc.boolean(),
    gapMs: fc.nat(300),
    runsMs: fc.nat(20_000),
  });
  fc.assert(
    fc.property(fc.array(coming, { maxLength: 60 }), (arrivals) => {
      const at = new Admission<number>(settings);
      const flying: { ticket: Ticket<number>; endsMs: number }[] = [];
      let begun = 0;
      let now = 0;
      const turn = () => {
        for (const flight of flying.filter(({ endsMs }) => endsMs <= now)) {
          flying.splice(flying.indexOf(flight), 1);
          at.end(flight.ticket, 0, now);
        }
        for (const ticket of at.admit(now, all)) {
          begun++;
          flying.push({ ticket, endsMs: now + (arrivals[ticket.item]?.runsMs ?? 0) });
        }
        for (const lane of [0, 1, 2]) {
          const mine = flying.filter(({ ticket }) => ticket.lane === lane);
          const stages = mine.map(({ ticket }) => ticket.stage);
          expect(stages.filter((stage) => stage === "moving").length).toBeLessThanOrEqual(4);
          expect(stages.filter((stage) => stage === "slow").length).toBeLessThanOrEqual(2);
        }
        const moving = flying.filter(({ ticket }) => ticket.stage === "moving");
        const bytes = moving.reduce((sum, { ticket }) => sum + ticket.chargeBytes, 0);
        expect(bytes).toBeLessThanOrEqual(settings.budgetBytes);
      };
      for (const [i, { lane, bytes, slow, gapMs }] of arrivals.entries()) {
        now += gapMs;
        at.queue(i, lane, bytes, slow, now);
        turn();
      }
      for (let left = 0; left <= arrivals.length && begun < arrivals.length; left++) {
        now += 20_001;
        turn();
      }
      expect(begun).toBe(arrivals.length);
    }),
  );
});
