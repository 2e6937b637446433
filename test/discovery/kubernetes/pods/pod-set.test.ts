import { expect, test } from "vitest";
import { podRecordOf } from "../../../../src/discovery/kubernetes/pods/pod-record.ts";
import { PodSet } from "../../../../src/discovery/kubernetes/pods/pod-set.ts";
import { isBefore } from "../../../../src/discovery/kubernetes/pods/resource-version.ts";
import { podObject } from "../../../support/kube-pod.ts";

function pod(name: string, version: string, node = "node-1") {
  const record = podRecordOf(podObject({ name, node }, version), {
    labels: [],
    annotations: [],
    annotationBytes: 16_384,
  });
  if (record === undefined) throw new Error("no pod");
  return record;
}

test("versions are compared as numbers of any length, others not at all", () => {
  expect(isBefore("9", "10")).toBe(true);
  expect(isBefore("99999999999999999999", "100000000000000000000")).toBe(true);
  expect(isBefore("10", "10")).toBe(false);
  expect(isBefore("a", "b")).toBe(false);
  expect(isBefore("", "5")).toBe(false);
});

test("a pod of another node is none of ours, whatever the server says", () => {
  const set = new PodSet("node-1");
  set.replace([pod("a", "1"), pod("b", "2", "node-2")], "5");
  expect([...set.pods.values()].map(({ name }) => name)).toEqual(["a"]);
});

test("events not newer than what was seen change nothing", () => {
  const set = new PodSet("node-1");
  set.replace([pod("a", "3")], "5");
  set.apply({ kind: "gone", pod: pod("a", "4") });
  set.apply({ kind: "gone", pod: pod("a", "5") });
  expect(set.takeChanged()).toBe(false);
  set.apply({ kind: "gone", pod: pod("a", "6") });
  expect(set.takeChanged()).toBe(true);
  expect(set.version).toBe("6");
});

test("an event that a bookmark denied is taken, and the bookmark is not trusted", () => {
  const set = new PodSet("node-1");
  set.replace([], "5");
  set.apply({ kind: "bookmark", version: "50" });
  expect(set.version).toBe("50");
  expect(set.distrusted).toBe(false);
  set.apply({ kind: "present", pod: pod("a", "7") });
  expect(set.distrusted).toBe(true);
  expect(set.size).toBe(1);
});

test("a new list is believed although its version is older", () => {
  const set = new PodSet("node-1");
  set.replace([pod("a", "300")], "500");
  expect(set.replace([pod("b", "10")], "20")).toBe(true);
  set.apply({ kind: "gone", pod: pod("b", "21") });
  expect(set.size).toBe(0);
});
