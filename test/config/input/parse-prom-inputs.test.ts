import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ParseOptions, parsePromInputs } from "../../../src/config/input/parse-prom-inputs.ts";
import type { PromInput } from "../../../src/config/input/prom-input.ts";
import { promInput } from "../../support/prom-input.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "promline-config-"));
});
afterAll(() => rm(dir, { recursive: true }));

const FILE: ParseOptions = { file: "x.conf", expandEnvironment: {}, allowSingleTable: true };

/** The one input of a table with these lines. */
function input(lines: string, options: Partial<ParseOptions> = {}): PromInput | undefined {
  const text = `[[inputs.prom]]\n${lines}`;
  return parsePromInputs(text, { ...FILE, ...options }).inputs[0]?.input;
}

function messages(text: string, options: Partial<ParseOptions> = {}): string[] {
  const { issues } = parsePromInputs(text, { ...FILE, ...options });
  return issues.map((issue) => `${issue.severity} ${issue.key}: ${issue.message}`);
}

describe("defaults", () => {
  test("of an input with nothing but an address", () => {
    expect(input('url = "http://h/metrics"')).toEqual(promInput({ urls: ["http://h/metrics"] }));
  });

  test("no scrape may last longer than the interval", () => {
    const short = input('url = "http://h"\ninterval = "5s"');
    expect(short?.timeoutMs).toBe(5000);
    expect(short?.limits.connectTimeoutMs).toBe(5000);
    expect(messages('[inputs.prom]\nurl = "http://h"\ninterval = "5s"')).toEqual([]);
  });

  test("of an annotation are the caller's", () => {
    const defaults = { honor_timestamps: false, source: "ns/pod" };
    expect(input('url = "http://h"', { defaults })?.rules.honorTimestamps).toBe(false);
    expect(input('url = "http://h"\nsource = "own"', { defaults })?.source).toBe("own");
  });
});

describe("interval", () => {
  test.each([
    ["100ms", 1000],
    ["0s", 1000],
    ["-1s", 1000],
    ["6m", 300_000],
    ["90s", 90_000],
  ])("%s is %d ms in protect mode", (text, ms) => {
    expect(input(`url = "http://h"\ninterval = "${text}"`)?.intervalMs).toBe(ms);
  });

  test("is free without protect mode, but above zero", () => {
    const free = { protectMode: false };
    expect(input('url = "http://h"\ninterval = "100ms"', free)?.intervalMs).toBe(100);
    expect(input('url = "http://h"\ninterval = "1h"', free)?.intervalMs).toBe(3_600_000);
    expect(input('url = "http://h"\ninterval = "0s"', free)).toBeUndefined();
  });
});

describe("urls", () => {
  test("of a file win over url; an annotation has both", () => {
    const both = 'urls = ["http://a"]\nurl = "http://b"';
    expect(input(both)?.urls).toEqual(["http://a"]);
    expect(input(both, { allowSingleTable: false })?.urls).toEqual(["http://a", "http://b"]);
  });

  test("may be paths", () => {
    expect(input('urls = ["/x.prom", "C:\\\\x"]')?.urls).toEqual(["/x.prom", "C:\\x"]);
  });
});

describe("tls", () => {
  const PEM = Buffer.from("-----BEGIN X-----\n").toString("base64");
  test.each([
    ["", undefined],
    ["tls_open = true", { ca: [], insecureSkipVerify: true }],
    ['tls_open = true\ntls_ca = "/a"', { ca: [file("/a")], insecureSkipVerify: false }],
    ["tls_open = true\ninsecure_skip_verify = false", { ca: [], insecureSkipVerify: false }],
    ['tls_open = true\ncert = ""', { ca: [], insecureSkipVerify: true }],
    ['server_name = "n"', { ca: [], insecureSkipVerify: false, serverName: "n" }],
    [
      'ca_certs = ["/a", "/b"]\ncert = "/c"\ncert_key = "/k"\ninsecure_skip_verify = true',
      {
        ca: [file("/a"), file("/b")],
        cert: file("/c"),
        key: file("/k"),
        insecureSkipVerify: true,
      },
    ],
    [
      `ca_certs = ["/ignored"]\nca_certs_base64 = ["${PEM}"]`,
      { ca: [{ kind: "text", pem: "-----BEGIN X-----\n" }], insecureSkipVerify: false },
    ],
  ])("%j", (lines, tls) => {
    expect(input(`url = "https://h"\n${lines}`)?.tls).toEqual(tls);
  });

  function file(path: string): { kind: "file"; path: string } {
    return { kind: "file", path };
  }
});

describe("bearer", () => {
  test.each([
    ['bearer_token_file = "/t"', { kind: "file", path: "/t" }],
    ['auth = { type = "bearer_token", token = "t" }', { kind: "token", token: "t" }],
    ['auth = { token = "t", token_file = "/t" }', { kind: "token", token: "t" }],
    ['auth = { type = "bearer_token", token_file = "/t" }', { kind: "file", path: "/t" }],
    ['auth = { type = "basic", token = "t" }', undefined],
  ])("%s", (lines, bearer) => {
    const read = input(`url = "http://h"\n${lines}`);
    expect(read).toBeDefined();
    expect(read?.bearer).toEqual(bearer);
  });
});

test("rules are taken over", () => {
  const rules = input(`
    url = "http://h"
    metric_types = ["Counter"]
    metric_name_filter = ["a", "("]
    as_logging = { enable = true, service = "s" }
    tags_rename = { overwrite_exist_tags = true, mapping = { a = "b" } }
    ignore_tag_kv_match = { a = ["x", "["] }
    measurements = [{ prefix = "p_", name = "p" }]`)?.rules;
  expect(rules).toMatchObject({
    metricTypes: ["counter"],
    metricNameFilter: ["a"],
    asLogging: { service: "s" },
    tagsRename: { overwriteExistTags: true, mapping: { a: "b" } },
    ignoreTagKvMatch: { a: ["x"] },
    measurements: [{ prefix: "p_", name: "p" }],
  });
});

test("as_logging that is not enabled is none", () => {
  expect(input('url = "http://h"\nas_logging = { service = "s" }')?.rules).not.toHaveProperty(
    "asLogging",
  );
});

test("a single table is for files only", () => {
  expect(messages('[inputs.prom]\nurl = "http://h"', { allowSingleTable: false })).toEqual([
    "error inputs.prom: must be written as [[inputs.prom]] here",
  ]);
});

describe("secret files", () => {
  test("are opened, without their last line end", async () => {
    const path = join(dir, "token");
    await writeFile(path, "to\nken\n");
    const lines = `url = "http://h"\nauth = { token = "ENC[file://${path}]" }`;
    expect(input(lines)?.bearer).toEqual({ kind: "token", token: "to\nken" });
    expect(input(lines, { expandEnvironment: false })?.bearer).toMatchObject({
      token: `ENC[file://${path}]`,
    });
  });

  test("that are too large or missing are an error of that key", async () => {
    const path = join(dir, "large");
    await writeFile(path, "x".repeat(1_048_577));
    for (const source of [path, join(dir, "missing")]) {
      expect(messages(`[inputs.prom]\nurl = "http://h"\nsource = "ENC[file://${source}]"`)).toEqual(
        ["error inputs.prom.source: the file of ENC[file://…] cannot be read"],
      );
    }
  });
});

test("variables are not replaced in annotations", () => {
  const options = { expandEnvironment: false } as const;
  expect(input('url = "http://$A"', options)?.urls).toEqual(["http://$A"]);
  expect(input('url = "http://$A"', { expandEnvironment: { A: "h" } })?.urls).toEqual(["http://h"]);
});

test("any text yields inputs and issues, never an exception", () => {
  const word = fc.constantFrom(
    ..."[[inputs.prom]]|[inputs.prom]|[inputs.prom.tags]|url|urls|interval|tags|auth|measurements|tls_open".split(
      "|",
    ),
    ...'=|=|[|]|{|}|,|.|\n|\n|"x"|\'y\'|1|1.5|true|99999999999999999999|1979-05-27|$A|"ENC[file:///]"|__proto__'.split(
      "|",
    ),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      const parsed = parsePromInputs(words.join(" "), FILE);
      for (const { position } of parsed.issues) {
        expect(position?.line ?? 1).toBeLessThanOrEqual(words.join(" ").split("\n").length);
      }
    }),
    { numRuns: 2000 },
  );
});

describe("a hostile text is held", () => {
  const table = '[[inputs.prom]]\nurl = "http://h"\n';
  test.each([
    ["deep dotted keys", `a${".a".repeat(100_000)} = 1`, "unknown key, ignored"],
    ["deep headers", `[a${".a".repeat(100_000)}]`, "unknown key, ignored"],
    ["deep lists", `a = ${"[".repeat(100_000)}${"]".repeat(100_000)}`, "unknown key, ignored"],
    ["tables", "[[inputs.prom]]\n".repeat(1001), "1001 tables are more than the 1000"],
    [
      "costly patterns",
      `${table}tags_ignore = []\n${patterns("(?:a{1,1000}){1,1}b", 200)}`,
      "too large",
    ],
  ])("%s", (_, text, words) => {
    const { inputs, issues } = parsePromInputs(text, { ...FILE, expandEnvironment: false });
    expect(inputs).toEqual([]);
    expect(issues).toHaveLength(1 + Number(words === "too large"));
    expect(issues.map((issue) => issue.message).join()).toContain(words);
  });

  test("issues beyond 200 are only counted", () => {
    const keys = Array.from({ length: 5000 }, (_, index) => `zzzzzzzz${index} = 1\n`);
    const { inputs, issues } = parsePromInputs(table + keys.join(""), FILE);
    expect(inputs).toHaveLength(1);
    expect(issues).toHaveLength(201);
    expect(issues.at(-1)?.message).toBe("4800 more issues, not shown");
  });

  function patterns(source: string, times: number): string {
    return `metric_name_filter = [${`'${source}',`.repeat(times)}]`;
  }
});
