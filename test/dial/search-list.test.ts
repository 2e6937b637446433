import { expect, test } from "vitest";
import { searchList } from "../../src/dial/search-list.ts";

const POD = { search: ["shop.svc.k8s", "svc.k8s"], ndots: 5 };
const HOST = { search: ["corp.test"], ndots: 1 };
const LONG = `${"a".repeat(62)}.`.repeat(4).slice(0, -1);

test.for<readonly [string, typeof POD, readonly string[]]>([
  ["db", HOST, ["db.corp.test", "db"]],
  ["db.eu", HOST, ["db.eu", "db.eu.corp.test"]],
  ["db.", HOST, ["db"]],
  ["db.eu.", POD, ["db.eu"]],
  ["db", POD, ["db.shop.svc.k8s", "db.svc.k8s", "db"]],
  ["db.other", POD, ["db.other.shop.svc.k8s", "db.other.svc.k8s", "db.other"]],
  ["a.b.c.d.e.f", POD, ["a.b.c.d.e.f", "a.b.c.d.e.f.shop.svc.k8s", "a.b.c.d.e.f.svc.k8s"]],
  ["db", { search: [], ndots: 1 }, ["db"]],
  ["db", { search: ["corp.test"], ndots: 0 }, ["db", "db.corp.test"]],
  ["db", { search: ["", "corp.test"], ndots: 1 }, ["db", "db.corp.test"]],
  [LONG, POD, [LONG]],
  [`${LONG}.${LONG}`, POD, []],
])("%s with %j: %j", ([name, conf, expected]) => {
  expect(searchList(name, conf)).toEqual(expected);
});
