import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { onceTargets, scrapeOnce } from "../../../src/agent/commands/once.ts";
import { scratchDirectory } from "../../support/scratch-directory.ts";

async function namesInTmp(page: string | undefined): Promise<readonly string[]> {
  const directory = scratchDirectory("once-unit");
  const conf = join(directory, "a.conf");
  writeFileSync(conf, '[[inputs.prom]]\nurls = ["http://127.0.0.1:1/metrics"]\n');
  writeFileSync(join(directory, "page"), "a_b 1\n");
  const temporary = join(directory, "tmp");
  mkdirSync(temporary);
  vi.stubEnv("TMPDIR", temporary);
  const { targets } = await onceTargets(conf, {});
  let during: readonly string[] = [];
  const scrapes = scrapeOnce(targets, {
    page: page === undefined ? undefined : join(directory, page),
    atMs: 0,
    signal: new AbortController().signal,
    output: () => undefined,
  });
  for await (const _ of scrapes) {
    during = readdirSync(temporary);
  }
  vi.unstubAllEnvs();
  expect(readdirSync(temporary)).toEqual([]);
  return during;
}

test("nothing is put into the temporary directory for a page that can be read where it is", async () => {
  expect(await namesInTmp("page")).toEqual([]);
  expect(await namesInTmp(undefined)).toEqual([]);
});

test("nor left there when the page cannot be read", async () => {
  expect(await namesInTmp("missing")).toEqual([]);
});

test("a target that relabel_configs drop is told, not scraped", async () => {
  const conf = join(scratchDirectory("once-dropped"), "a.conf");
  const drop = '{ action = "drop", source_labels = ["__address__"], regex = "a:1" }';
  writeFileSync(
    conf,
    `[[inputs.prom]]\nurls = ["http://a:1/m", "http://b:1/m"]\nrelabel_configs = [${drop}]\n`,
  );
  const { targets, dropped } = await onceTargets(conf, {});
  expect(targets.map(({ target }) => target.page)).toMatchObject([
    { request: { url: "http://b:1/m" } },
  ]);
  expect(dropped).toMatchObject([{ discoveredLabels: { __address__: "a:1" } }]);
});

test("rules and tags of promline.toml hold for its targets and samples, as in a run", async () => {
  const directory = scratchDirectory("once-config");
  const [conf, config, captured] = ["a.conf", "promline.toml", "page"].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  writeFileSync(
    conf,
    '[[inputs.prom]]\nurls = ["http://a:1/m", "http://b:1/m"]\ndisable_host_tag = true\n',
  );
  writeFileSync(
    config,
    [
      'hostname = "n1"',
      'global_host_tags = { site = "x" }',
      'relabel_configs = [{ action = "drop", source_labels = ["__address__"], regex = "a:1" }]',
      'metric_relabel_configs = [{ action = "labeldrop", regex = "le" }]',
    ].join("\n"),
  );
  writeFileSync(captured, 'a_b{le="1",x="2"} 1\n');
  const { targets, dropped, issues } = await onceTargets(conf, {}, config);
  expect([dropped.length, issues]).toEqual([1, []]);
  let lines = "";
  const scrapes = scrapeOnce(targets, {
    page: captured,
    atMs: 0,
    signal: new AbortController().signal,
    output: (text) => {
      lines += text;
      return undefined;
    },
  });
  for await (const scrape of scrapes) {
    expect(scrape.kind).toBe("scraped");
  }
  expect(lines).toBe("a,host=n1,instance=b:1,site=x,x=2 b=1 0\n");
});
