import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { ConnectionTable } from "../../../src/telemetry/admin/connection-table.ts";

class FakeSocket extends EventEmitter {
  isOpen = true;
  readonly remoteAddress: string;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.isOpen = false;
    this.emit("close");
  }
}

const LIMITS = { most: 4, mostPerAddress: 2, answerBytes: 100 };

/** Sockets from these addresses, in that order. */
function crowd(...addresses: string[]) {
  const table = new ConnectionTable(LIMITS);
  const sockets = addresses.map((address) => new FakeSocket(address));
  const as = (index: number) => sockets[index] as unknown as Socket;
  for (const index of sockets.keys()) {
    table.add(as(index));
  }
  const open = () => sockets.flatMap(({ isOpen }, index) => (isOpen ? [index] : []));
  const add = (address: string) => {
    sockets.push(new FakeSocket(address));
    table.add(as(sockets.length - 1));
  };
  return { table, as, open, add, sockets };
}

test("an address beyond its share loses its own longest waiting connection", () => {
  const { open } = crowd("a", "b", "a", "a");
  expect(open()).toEqual([1, 2, 3]);
});

test("with all places taken the longest waiting of all makes room", () => {
  const { open } = crowd("a", "b", "c", "d", "e", "f");
  expect(open()).toEqual([2, 3, 4, 5]);
});

test("an answer counts as having come anew, what drips in between does not", () => {
  const { table, as, open, add } = crowd("a", "b", "c", "d");
  table.answering(as(0), 0);
  table.answered(as(0));
  add("e");
  expect(open()).toEqual([0, 2, 3, 4]);
});

test("a connection that ended by itself leaves its place", () => {
  const { sockets, table, open, add } = crowd("a", "b", "c", "d");
  sockets[3]?.destroy();
  expect(table.size).toBe(3);
  add("e");
  expect(open()).toEqual([0, 1, 2, 4]);
});

test("answers that wait for slow readers are bounded together, the latest goes out", () => {
  const { table, as, open } = crowd("a", "b", "c", "d");
  table.answering(as(0), 60);
  table.answering(as(1), 30);
  expect(open()).toEqual([0, 1, 2, 3]);
  table.answering(as(2), 30);
  expect(open()).toEqual([1, 2, 3]);
  table.answering(as(3), 1000);
  expect(open()).toEqual([3]);
});
