import { expect, test } from "vitest";
import { scrapeTargetOf } from "../../../../src/agent/targets/target-spec.ts";
import { claimsOf, instances, urlsOf } from "../../../support/pod-claims.ts";
import { transformPage } from "../../../support/transform-page.ts";

const GLOBALS = { globalHostTags: { host: "node-1" }, globalElectionTags: { wrong: "yes" } };
const POD = { name: "pod-1", namespace: "ns1", ips: ["10.1.2.3"] };
const URL_LINE = 'url = "http://$IP:8080/metrics"';

function points(annotations: Record<string, string>, page: string, labelTags: string[] = []) {
  const labels = { app: "x", "app.kubernetes.io/name": "foo" };
  const { targets } = claimsOf([{ ...POD, labels, annotations }], { labelTags });
  return targets.flatMap(({ target }) => {
    const { rules } = scrapeTargetOf(target, GLOBALS);
    return transformPage(page, { rules }).sort();
  });
}

const PAGE = `# TYPE a_b gauge
a_b{namespace="lbl",x="1"} 1 1680231835149
# TYPE c_d gauge
c_d 2
`;

test("K01: wildcards, pod labels and tags as in DataKit; host is the node", () => {
  const annotations = instances(
    'urls = ["http://$IP:8080/metrics"]',
    'source = "s"',
    "[inputs.prom.tags]",
    'namespace = "$NAMESPACE"',
    'pod_name = "$PODNAME"',
    'node_name = "$NODENAME"',
  );
  expect(points(annotations, PAGE, ["app", "app.kubernetes.io/name"])).toEqual([
    "a,app=x,app_kubernetes_io/name=foo,host=node-1,instance=10.1.2.3:8080,namespace=ns1,node_name=node-1,pod_name=pod-1,x=1 b=1 1700000000000000000",
    "c,app=x,app_kubernetes_io/name=foo,host=node-1,instance=10.1.2.3:8080,namespace=ns1,node_name=node-1,pod_name=pod-1 d=2 1700000000000000000",
  ]);
});

test("timestamps and whole names count where the annotation asks for them", () => {
  const annotations = instances(
    URL_LINE,
    "honor_timestamps = true",
    "keep_exist_metric_name = true",
  );
  expect(points(annotations, PAGE)[0]).toBe(
    "a,host=node-1,instance=10.1.2.3:8080,namespace=lbl,x=1 a_b=1 1680231835149000000",
  );
});

test("pod labels are tags without a table of tags too, and the table wins", () => {
  expect(points(instances(URL_LINE), "a_b 1\n", ["app"])).toEqual([
    "a,app=x,host=node-1,instance=10.1.2.3:8080 b=1 1700000000000000000",
  ]);
  const own = instances(URL_LINE, "[inputs.prom.tags]", 'app = "mine"');
  expect(points(own, "a_b 1\n", ["app"])).toEqual([
    "a,app=mine,host=node-1,instance=10.1.2.3:8080 b=1 1700000000000000000",
  ]);
});

test("tags_ignore and tags_rename see the tags of the annotation", () => {
  const annotations = instances(
    URL_LINE,
    'tags_ignore = ["gone"]',
    "[inputs.prom.tags_rename]",
    "overwrite_exist_tags = true",
    "[inputs.prom.tags_rename.mapping]",
    'old = "new"',
    "[inputs.prom.tags]",
    'gone = "1"',
    'old = "2"',
  );
  expect(points(annotations, "a_b 1\n")).toEqual([
    "a,host=node-1,instance=10.1.2.3:8080,new=2 b=1 1700000000000000000",
  ]);
});

test("defaults: 30 s, the pod as source, no up point", () => {
  const [found] = claimsOf([{ ...POD, annotations: instances(URL_LINE) }]).targets;
  expect(found?.target.input).toMatchObject({
    intervalMs: 30_000,
    source: "ns1/pod-1",
    election: false,
  });
  expect(found === undefined ? {} : scrapeTargetOf(found.target, GLOBALS)).not.toHaveProperty("up");
});

test("up points where the operator wants them", () => {
  const annotations = instances(URL_LINE, 'source = "s"', "[inputs.prom.tags]", 'a = "b"');
  const [found] = claimsOf([{ ...POD, annotations }], { upPoints: true }).targets;
  expect(found?.target.upTags).toEqual({ a: "b", job: "s", instance: "10.1.2.3:8080" });
});

for (const [interval, expected] of [
  ['"10s"', 10_000],
  ['"0s"', 30_000],
  ['"-5s"', 30_000],
  ["5", 1000],
  ['"20ms"', 1000],
  ['"1h"', 300_000],
] as const) {
  test(`interval = ${interval} is ${expected} ms`, () => {
    const annotations = instances(URL_LINE, `interval = ${interval}`);
    const [found] = claimsOf([{ ...POD, annotations }]).targets;
    expect(found?.target.input.intervalMs).toBe(expected);
  });
}

for (const [what, text, urls, rules] of [
  ["no TOML", "[[inputs.prom", [], ["not_toml"]],
  ["single brackets", '[inputs.prom]\nurl = "http://$IP/"', [], ["invalid"]],
  [
    "a bad URL beside a good table",
    '[[inputs.prom]]\nurl = "http://[::1"\n[[inputs.prom]]\nurl = "http://$IP/"',
    ["http://10.1.2.3/"],
    ["invalid"],
  ],
  [
    "a bad interval beside a good table",
    '[[inputs.prom]]\nurl = "http://$IP/a"\ninterval = "abc"\n[[inputs.prom]]\nurl = "http://$IP/b"',
    ["http://10.1.2.3/b"],
    ["invalid"],
  ],
  [
    "an unknown key",
    '[[inputs.prom]]\nurl = "http://$IP/"\nnonsense = 1',
    ["http://10.1.2.3/"],
    [],
  ],
  ["no url", "[[inputs.prom]]", [], ["invalid"]],
  ["empty text", "", [], []],
  ["another input", "[[inputs.other]]\na = 1", [], []],
  [
    "url and urls",
    '[[inputs.prom]]\nurls = ["http://$IP/a", "http://$IP/b"]\nurl = "http://$IP/c"',
    ["http://10.1.2.3/a", "http://10.1.2.3/b", "http://10.1.2.3/c"],
    [],
  ],
] as const) {
  test(`K03: ${what}`, () => {
    const found = claimsOf([{ ...POD, annotations: { "datakit/prom.instances": text } }]);
    expect(urlsOf(found)).toEqual(urls);
    expect(found.refusals.map(({ rule }) => rule)).toEqual(rules);
  });
}
