import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Dialect } from "../../src/exposition/dialect.ts";
import {
  captureBytes,
  captures,
  corpusTest,
  inputOf,
  type SuiteCase,
  suiteCases,
} from "../support/corpus.ts";
import { REFUSED, reasonFor, TAKEN } from "../support/exposition-reasons.ts";
import { type ReadPage, type ReadSample, readPage } from "../support/read-page.ts";
import { expectedSamples, expectedTypes, sampleText } from "../support/suite-samples.ts";

const PROMETHEUS_SUITES = ["prometheus_textparse_text", "prometheus_textparse_openmetrics"];
const SUITES = [
  ...PROMETHEUS_SUITES,
  "client_python_text",
  "client_python_openmetrics",
  "openmetrics_testdata",
  "expfmt_text_parse",
  "expfmt_fuzz_corpus",
  "expfmt_testdata",
  "expfmt_text_create",
  "expfmt_openmetrics_create",
  "vm_text_parse",
  "kuma_envoy_merge",
];

const TABLE = readFileSync(new URL("../../docs/compatibility.md", import.meta.url), "utf8");
const SECTION = TABLE.split("\n## ").find((part) => part.startsWith("Exposition formats")) ?? "";
const ROWS = [...SECTION.matchAll(/^\| (.+?) +\|/gm)].map(([, first]) => first);

test.each([...TAKEN, ...REFUSED])("the reason '$row' is a row of docs/compatibility.md", (rule) => {
  expect(ROWS).toContain(rule.row);
});

for (const suite of SUITES) {
  corpusTest(`${suite}: verdicts agree, or a row says why not`, (folder) => {
    expect(suiteCases(folder, suite).flatMap(unexplainedVerdict)).toEqual([]);
  });

  corpusTest(`${suite}: samples are those expected`, (folder) => {
    expect(suiteCases(folder, suite).flatMap(wrongSamples)).toEqual([]);
  });

  corpusTest(
    `${suite}: what promtool says of the input agrees, or a row says why not`,
    (folder) => {
      expect(suiteCases(folder, suite).flatMap(unexplainedPromtool)).toEqual([]);
    },
  );
}

corpusTest("client_python: each sample has the type of its family", (folder) => {
  const cases = ["client_python_text", "client_python_openmetrics"].flatMap((suite) =>
    suiteCases(folder, suite),
  );
  expect(cases.length).toBeGreaterThan(0);
  expect(cases.flatMap(wrongTypes)).toEqual([]);
});

corpusTest("istio_agent_merge: pages before and after merging have no fault", (folder) => {
  for (const one of suiteCases(folder, "istio_agent_merge")) {
    for (const field of ["envoy", "app", "app_text", "app_openmetrics"] as const) {
      const dialect = field === "app_openmetrics" ? "openmetrics" : "text";
      expect(readPage(String(one[field] ?? ""), { dialect }).faults).toEqual([]);
    }
    const merged = `${one.envoy ?? ""}${one.app_openmetrics ?? ""}${one.app ?? ""}`;
    expect(readPage(merged).faults).toEqual([]);
  }
});

corpusTest("captures: each reject of promtool or Prometheus has a row", (folder) => {
  const unexplained: string[] = [];
  for (const capture of captures(folder)) {
    const bytes = captureBytes(folder, capture);
    const text = new TextDecoder().decode(bytes);
    const ends = text.trimEnd().endsWith("# EOF");
    for (const [oracle, { verdict, error }] of Object.entries(capture.oracles)) {
      if (verdict !== "reject") {
        continue;
      }
      const isText = oracle === "promtool_expfmt_strict" || !ends;
      const dialect: Dialect = isText ? "text" : "openmetrics";
      const page = readPage(bytes, { dialect });
      if (reasonFor(TAKEN, { text, dialect, page }) === undefined) {
        unexplained.push(`${capture.name} ${oracle}: ${error}`);
      }
    }
  }
  expect(unexplained).toEqual([]);
});

function dialectOfCase(one: SuiteCase): Dialect {
  return one.format === "openmetrics" ? "openmetrics" : "text";
}

function unexplainedVerdict(one: SuiteCase): string[] {
  const dialect = dialectOfCase(one);
  const page = readPage(inputOf(one), { dialect });
  if (one.verdict === "reject" || one.verdict === "metadata-error") {
    return disagreement(one, page, dialect, false);
  }
  if (one.verdict === "no-rows") {
    return page.samples.length === 0 ? [] : disagreement(one, page, dialect, false);
  }
  if (one.verdict === "accept") {
    return disagreement(one, page, dialect, true);
  }
  // `no-panic` and `ignored` ask for nothing but that we come back, with no type declared.
  return [];
}

function unexplainedPromtool(one: SuiteCase): string[] {
  const verdict = one.oracles?.["expfmt_2.42"];
  if (verdict === undefined) {
    return [];
  }
  return disagreement(one, readPage(inputOf(one)), "text", verdict === "accept");
}

/** The case where we and the other side disagree and no row says why. */
function disagreement(
  one: SuiteCase,
  page: ReadPage,
  dialect: Dialect,
  accepts: boolean,
): string[] {
  if (accepts === (page.faults.length === 0)) {
    return [];
  }
  const text = new TextDecoder().decode(inputOf(one));
  const rules = accepts ? REFUSED : TAKEN;
  const mayRefuse = !PROMETHEUS_SUITES.includes(one.suite) || one.verdict !== "accept";
  const row = accepts && !mayRefuse ? undefined : reasonFor(rules, { text, dialect, page });
  return row === undefined
    ? [`${one.id} ${JSON.stringify(text)} ${JSON.stringify(page.faults)}`]
    : [];
}

function wrongSamples(one: SuiteCase): string[] {
  const expected = one.verdict === "accept" ? expectedSamples(one) : undefined;
  const page = readPage(inputOf(one), { dialect: dialectOfCase(one) });
  if (expected === undefined || page.faults.length > 0) {
    return [];
  }
  // Row "Seconds in text", and expfmt keeps one time for a whole summary.
  const withTime = one.suite !== "vm_text_parse" && !one.suite.startsWith("expfmt");
  const theirs = expected.map((sample) => sampleText(sample, withTime)).toSorted();
  const ours = page.samples.map((sample) => sampleText(sample, withTime)).toSorted();
  const missing = theirs.filter((sample) => !ours.includes(sample));
  const mayBeAbsent = page.samples.filter((sample) => isLeftOutElsewhere(sample, page.samples));
  const isSame =
    missing.length === 0 &&
    ours.length >= theirs.length &&
    ours.length - theirs.length <= mayBeAbsent.length;
  return isSame ? [] : [`${one.id}: expected ${theirs.join(" ")} got ${ours.join(" ")}`];
}

function wrongTypes(one: SuiteCase): string[] {
  const types = expectedTypes(one);
  const { samples } = readPage(inputOf(one), { dialect: dialectOfCase(one) });
  return samples
    .filter(({ name, role }) => (types.get(name) ?? role.type) !== role.type)
    .map(({ name, role }) => `${one.id} ${name}: ${types.get(name)}, not ${role.type}`);
}

/** What other parsers leave out of the samples they state. */
function isLeftOutElsewhere(sample: ReadSample, samples: readonly ReadSample[]): boolean {
  const isCreatedTime = sample.name === `${sample.role.family}_created`; // Row "Created times".
  const isLastBucket = sample.labels.some(([name, value]) => name === "le" && value === "+Inf");
  const isRepeated = samples.some(
    (other) =>
      other !== sample && // Row "Order of samples".
      sampleText({ ...other, value: 0 }, false) === sampleText({ ...sample, value: 0 }, false),
  );
  return isCreatedTime || isLastBucket || isRepeated;
}
