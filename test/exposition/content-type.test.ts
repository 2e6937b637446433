import { expect, test } from "vitest";
import { dialectOf } from "../../src/exposition/content-type.ts";
import { corpusTest, type SuiteCase, suiteCases } from "../support/corpus.ts";

test.each([
  [undefined, "text"],
  ["", "text"],
  ["invalid/", "text"],
  ["text/plain; version=0.0.4; charset=utf-8", "text"],
  ["text/html", "text"],
  ["application/openmetrics-text", "openmetrics"],
  ["Application/OpenMetrics-Text ; version=1.0.0", "openmetrics"],
  ["application/openmetrics-text; charset=UTF-8; charset=utf-8", "openmetrics"],
  ["application/vnd.google.protobuf; proto=x; encoding=delimited", "unsupported"],
  ["application/x-protobuf", "unsupported"],
] as const)("%j is %s", (contentType, dialect) => {
  expect(dialectOf(contentType)).toBe(dialect);
});

corpusTest("prometheus_content_type: the parser it takes, and text where it has none", (folder) => {
  expect(suiteCases(folder, "prometheus_content_type").filter(isWrongParser)).toEqual([]);
});

corpusTest("expfmt_response_format and istio_agent_merge: the format by its family", (folder) => {
  const cases = ["expfmt_response_format", "istio_agent_merge"].flatMap((suite) =>
    suiteCases(folder, suite),
  );
  expect(cases.filter(isWrongFormat)).toEqual([]);
});

/** We have no fallback protocol: without a type we know, a page is text. */
function isWrongParser(one: SuiteCase): boolean {
  const contentType = String(one.content_type ?? "");
  const type = contentType.split(";")[0] ?? "";
  const parser = type.includes("protobuf")
    ? "unsupported"
    : type.includes("openmetrics")
      ? "openmetrics"
      : "text";
  const isDecidedByType = one.fallback_scrape_protocol === null && one.verdict === "accept";
  const theirs = one.parser === "protobuf" ? "unsupported" : one.parser;
  return dialectOf(contentType) !== parser || (isDecidedByType && theirs !== parser);
}

function isWrongFormat(one: SuiteCase): boolean {
  if (one.content_type === undefined) {
    return false;
  }
  const detected = String(one.format_detected);
  const dialect = dialectOf(String(one.content_type));
  if (/openmetrics/i.test(detected)) {
    return dialect !== "openmetrics";
  }
  return /text/i.test(detected) ? dialect !== "text" : dialect === "openmetrics";
}
