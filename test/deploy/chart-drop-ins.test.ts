import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parse as parseToml } from "@iarna/toml";
import { afterAll, expect, type TestContext, test, vi } from "vitest";
import { loadConfDir } from "../../src/config/input/conf-dir.ts";
import { HelmChart } from "../support/helm.ts";
import type { Manifest } from "../support/kube-models.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";

const TOKEN = { datakit: { dataway_url: "https://openway.example.com?token=tkn_test" } };
const BELOW = "/usr/local/datakit/conf.d";

// The renderer is compiled by the first test.
vi.setConfig({ testTimeout: 120_000 });

let built: HelmChart | undefined;

afterAll(() => built?.remove());

function render(context: TestContext, own: object): Manifest[] {
  built ??= HelmChart.build(context);
  return built.render({ ...TOKEN, ...own });
}

function prom(source: string): string {
  return `[[inputs.prom]]\n  url = "http://h:1/"\n  source = "${source}"\n`;
}

function volumesOf(manifests: readonly Manifest[]) {
  return manifests.find(({ kind }) => kind === "DaemonSet")?.["spec"].template.spec.volumes;
}

/** Mounts the drop-ins of a release as the kubelet does, and loads them. */
async function mounted(manifests: readonly Manifest[]) {
  const { name, items } = volumesOf(manifests).find(
    (volume: Manifest) => volume["name"] === "drop-ins",
  ).configMap;
  const map = manifests.find(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name,
  );
  const files: [string, string][] = Object.entries<string>(map?.["data"]).map(([key, text]) => [
    items === undefined ? key : items.find((item: { key: string }) => item.key === key).path,
    text,
  ]);
  const root = scratchDirectory("conf-map");
  for (const [path, text] of files) {
    const file = join(root, "..2026_11_28_05_51_34.1", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  symlinkSync("..2026_11_28_05_51_34.1", join(root, "..data"));
  for (const first of new Set(files.map(([path]) => path.split("/")[0] ?? ""))) {
    symlinkSync(`..data/${first}`, join(root, first));
  }
  const loaded = await loadConfDir(root, {});
  return {
    files: loaded.files.map((file) => relative(root, file)),
    sources: loaded.inputs.map(({ input }) => input.source),
    issues: loaded.issues,
  };
}

test("the path of DataKit's chart is that of the whole file", async (context) => {
  const manifests = render(context, {
    dkconfig: [
      { path: `${BELOW}/prom/istiod.conf`, name: "istiod.conf", value: prom("istiod") },
      { path: `${BELOW}/other.conf`, name: "key", value: prom("other") },
      { name: "plain.toml", value: prom("plain") },
    ],
  });
  expect(await mounted(manifests)).toEqual({
    files: ["other.conf", "plain.toml", "prom/istiod.conf"],
    sources: ["other", "plain", "istiod"],
    issues: [],
  });
});

test("one name at two paths is two drop-ins", async (context) => {
  const dkconfig = ["db", "web"].map((folder) => ({
    path: `${BELOW}/${folder}/prom.conf`,
    name: "prom.conf",
    value: prom(folder),
  }));
  expect(await mounted(render(context, { dkconfig }))).toMatchObject({ sources: ["db", "web"] });
});

test("the first line may be indented, and no line end, comment or tab is lost", async (context) => {
  const texts = [
    "    # first\n[[inputs.prom]]\n\turl = 'http://h'  \n\n\n",
    "  a = 1",
    "\n\n  x = 2\n",
  ];
  const dkconfig = texts.map((value, index) => ({ name: `${index}.conf`, value }));
  const manifests = render(context, { dkconfig, settings: '   reload_interval = "9s"\n[log]\n' });
  const data = manifests.flatMap((one) =>
    one.kind === "ConfigMap" ? Object.values<string>(one["data"]) : [],
  );
  expect(data.sort()).toEqual([...texts, '   reload_interval = "9s"\n[log]\n'].sort());
});

test("settings are the user's text alone, also where events are on", (context) => {
  const settings = 'reload_interval = "30s"\n[kubernetes]\nup_points = true\n';
  const manifests = render(context, { settings, kubernetes: { events: true } });
  const map = manifests.find(({ metadata }) => metadata.name.endsWith("-settings"));
  expect(map?.["data"]["promline.toml"]).toBe(settings);
  expect(parseToml(settings)).toMatchObject({ reload_interval: "30s" });
});

test("without folders a drop-in that is added needs no new pods", (context) => {
  const spec = (names: readonly string[]) => {
    const dkconfig = names.map((name) => ({ name, value: prom(name) }));
    const daemonSet = render(context, { dkconfig }).find(({ kind }) => kind === "DaemonSet");
    return JSON.stringify(daemonSet?.["spec"]);
  };
  expect(spec(["a.conf", "b.conf"])).toBe(spec(["a.conf"]));
});

for (const [what, dkconfig, words] of [
  [
    "one path twice",
    [
      { path: `${BELOW}/a.conf`, name: "x.conf", value: "1" },
      { name: "a.conf", value: "2" },
    ],
    "two drop-ins have the path",
  ],
  ["a folder as a path", [{ path: `${BELOW}/prom`, name: "a.conf", value: "" }], "whole path"],
  [
    "a way out",
    [{ path: `${BELOW}/../a.conf`, name: "a.conf", value: "" }],
    "has .. or characters",
  ],
] as const) {
  test(`refused with words: ${what}`, (context) => {
    expect(() => render(context, { dkconfig })).toThrow(words);
  });
}

test("what DataKit's other values mean here is said after an install", (context) => {
  built ??= HelmChart.build(context);
  expect(built.notes(TOKEN)).not.toContain("DataKit");
  const notes = built.notes({
    datakit: { ...TOKEN.datakit, enabled_election: true, default_enabled_inputs: "cpu", log: "x" },
    git_repos: { enable: true },
    kubeStateMetricsEnabled: true,
    service: { type: "NodePort" },
  });
  for (const value of [
    "datakit.enabled_election: election is not built yet",
    "datakit.default_enabled_inputs: prom is collected",
    "datakit.log: the log goes to standard output",
    "git_repos: NOTHING IS PULLED FROM GIT",
    "kubeStateMetricsEnabled: no kube-state-metrics is installed",
    "service: no Service is made",
  ]) {
    expect(notes).toContain(value);
  }
});
