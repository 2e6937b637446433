import { expect, test } from "vitest";
import { relabelPage } from "../../../src/agent/commands/relabel-page.ts";
import { parsePromInputs } from "../../../src/config/input/parse-prom-inputs.ts";
import { loadAgentSettings } from "../../../src/config/settings/load-agent-settings.ts";
import { staticTargets } from "../../../src/discovery/static-targets.ts";

const CONF = `
[[inputs.prom]]
urls = ["http://a:1/m?token=tkn_very_secret&n=7", "http://b:1/m"]
source = "one"
relabel_configs = [
  { source_labels = ["__param_token"], target_label = "copied" },
  { target_label = "__param_key", replacement = "key_as_secret" },
  { action = "drop", source_labels = ["__address__"], regex = "b:1" },
]
metric_relabel_configs = [{ action = "labeldrop", regex = "x" }]

[[inputs.prom]]
url = "http://c:1/m"
source = "two"
`;

async function page(query: string) {
  const { inputs } = parsePromInputs(CONF, {
    file: "a.conf",
    expandEnvironment: false,
    allowSingleTable: true,
  });
  const { settings } = await loadAgentSettings(undefined, {});
  return relabelPage(staticTargets(inputs).targets, settings, new URLSearchParams(query));
}

test("the rules for targets: what they did to each input's targets", async () => {
  expect(await page("source=one")).toMatchObject({
    status: "success",
    data: [
      {
        source: "one",
        declaredAt: { file: "a.conf", line: 2 },
        series: 2,
        kept: 1,
        rules: [{ changed: 1 }, { changed: 2 }, { reached: 2, dropped: 1 }],
        output: [expect.stringContaining('__address__="a:1"')],
      },
    ],
  });
});

test("no value of a parameter is shown, wherever a rule put it", async () => {
  const text = JSON.stringify(await page(""));
  expect(text).not.toMatch(/tkn_very_secret|key_as_secret|=\\"7\\"/);
  expect(text).toContain('copied=\\"***\\"');
});

test("with a series: what the rules for samples do to it", async () => {
  const series = encodeURIComponent('up{x="1",y="2"}');
  expect(await page(`series=${series}`)).toMatchObject({
    data: [
      { source: "one", series: 1, kept: 1, rules: [{ changed: 1 }], output: ['up{y="2"}'] },
      { source: "two", rules: [], output: ['up{x="1",y="2"}'] },
    ],
  });
});

test("a series that cannot be read is said", async () => {
  expect(await page("series=up{")).toMatchObject({ status: "error", errorType: "bad_data" });
});
