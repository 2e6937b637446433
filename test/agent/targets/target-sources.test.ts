import { expect, test } from "vitest";
import { TargetSources } from "../../../src/agent/targets/target-sources.ts";
import { staticTargets } from "../../../src/discovery/static-targets.ts";
import { claimsOf, instances } from "../../support/pod-claims.ts";
import { located } from "../../support/prom-input.ts";

const GLOBALS = { globalHostTags: { host: "n" }, globalElectionTags: {} };

function sources() {
  let changes = 0;
  const onNode = new Set<string>();
  const all = new TargetSources(
    GLOBALS,
    (hostname) => onNode.has(hostname),
    () => {
      changes += 1;
    },
  );
  return { all, onNode, changes: () => changes };
}

const declared = staticTargets([
  located({ urls: ["http://10.1.0.1:8080/m", "http://h/"] }),
]).targets;
const pods = claimsOf([
  { name: "a", annotations: instances('url = "http://$IP:8080/m"') },
  { name: "b", ips: ["10.1.0.2"], annotations: instances('url = "http://$IP:8080/m"') },
]).targets;

test("drop-ins and pods together, each URL once, with all who ask for it", () => {
  const { all, changes } = sources();
  all.setDeclared(declared);
  all.setPods(pods);
  expect(changes()).toBe(2);
  expect(all.descriptions(() => 0).map(({ url, claims }) => [url, claims.length])).toEqual([
    ["http://10.1.0.1:8080/m", 2],
    ["http://h/", 1],
    ["http://10.1.0.2:8080/m", 1],
  ]);
  expect(all.scheduled()).toHaveLength(3);
});

test("a drop-in that goes leaves the pod's claim", () => {
  const { all } = sources();
  all.setDeclared(declared);
  all.setPods(pods);
  all.setDeclared([]);
  const [first] = all.descriptions(() => 0);
  expect(first).toMatchObject({ file: "pod default/a", claims: [{ by: "pod default/a" }] });
  expect(all.namesOf(pods[0]?.target.key ?? "")).toEqual({
    url: "http://10.1.0.1:8080/m",
    source: "default/a",
  });
  expect(all.namesOf("gone")).toBeUndefined();
});

test("a target that stays keeps its specification", () => {
  const { all } = sources();
  all.setPods(pods);
  const before = all.scheduled()[1]?.target;
  all.setPods(pods.slice(1));
  expect(all.scheduled()[0]?.target).toBe(before);
});

test("what is found to be on this node is told the lanes anew, and nothing else is", () => {
  const { all, onNode } = sources();
  all.setDeclared(declared);
  const asked = () => all.descriptions(() => 0).map(({ encoding }) => encoding);
  const specs = () => all.scheduled().map(({ target }) => target);
  const before = specs();
  expect(asked()).toEqual(["gzip", "gzip"]);
  onNode.add("10.1.0.1");
  expect(asked()).toEqual(["identity", "gzip"]);
  const after = specs();
  expect(after.map((one, at) => one === before[at])).toEqual([false, true]);
  expect(after[0]?.page).toMatchObject({ request: { encoding: "identity" } });
  expect(specs()).toEqual(after);
  expect(specs()[0]).toBe(after[0]);
});
