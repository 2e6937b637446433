import { parse } from "@iarna/toml";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inputAsKeys, renderEffective } from "../../src/config/effective.ts";
import { parsePromInputs } from "../../src/config/input/parse-prom-inputs.ts";
import { formatIssue } from "../../src/config/language/issue-text.ts";
import { loadAgentSettings } from "../../src/config/settings/load-agent-settings.ts";

const CANARY = "canary0123456789";
const { settings: SETTINGS } = await loadAgentSettings(undefined, {});

function read(text: string) {
  return parsePromInputs(text, { file: "x.conf", expandEnvironment: {}, allowSingleTable: true });
}

const lines = fc.constantFrom(
  'source = "s"',
  'interval = "1m30s"',
  'timeout = "7s"',
  'uds_path = "/x.sock"',
  "election = false",
  "ignore_req_err = true",
  'output = "/out"',
  'metric_types = ["counter"]',
  'metric_name_filter = ["a\\\\d", "b"]',
  'measurement_prefix = "p"',
  'measurement_name = "m"',
  'measurements = [{ prefix = "a", name = "b" }, { prefix = "c" }]',
  "keep_exist_metric_name = true",
  "honor_timestamps = false",
  'tags_ignore = ["x"]',
  'tags_rename = { overwrite_exist_tags = true, mapping = { a = "b" } }',
  'ignore_tag_kv_match = { a = ["b"] }',
  'as_logging = { enable = true, service = "x" }',
  'tags = { "a b" = "ü\\n" }',
  "disable_host_tag = true",
  "max_samples = 5",
  'connect_timeout = "1500ms"',
  'max_connection_age = "1m"',
  'tls_open = true\ntls_ca = "/ca"',
  'server_name = "n"',
  'encoding = "identity"',
  'bearer_token_file = "/t"',
  'metric_relabel_configs = [{ source_labels = ["a"], target_label = "b", regex = ["x", "y"] }, { action = "keep", if = "m" }]',
  'relabel_flavour = "vmagent"',
  'relabel_config_file = "r.yml"',
  "honor_labels = false",
  "series_limit = 9",
);

describe("renderEffective", () => {
  test("yields a configuration that means the same", () => {
    fc.assert(
      fc.property(fc.uniqueArray(lines), (some) => {
        const { inputs } = read(`[[inputs.prom]]\nurl = "http://h/metrics"\n${some.join("\n")}`);
        const text = renderEffective(inputs, SETTINGS);
        const again = read(text.slice(text.indexOf("# x.conf:1")));
        expect(again.inputs[0]?.input).toEqual(inputs[0]?.input);
      }),
    );
  });

  test("holds settings that can be read as promline.toml", async () => {
    const text = renderEffective([], SETTINGS);
    expect(parse(text)).toMatchObject({
      http_listen: "localhost:9529",
      lanes: { count: 0 },
    });
  });
});

describe("a canary in every secret field", () => {
  const pem = Buffer.from(`-----BEGIN X-----\n${CANARY}`).toString("base64");
  const text = `
[[inputs.prom]]
  urls = ["http://user:${CANARY}@h/metrics?token=${CANARY}"]
  http_headers = { Authorization = "Bearer ${CANARY}", "X-Key" = "${CANARY}" }
  auth = { type = "bearer_token", token = "${CANARY}" }
  ca_certs_base64 = ["${pem}"]
  cert_base64 = "${pem}"
  cert_key_base64 = "${pem}"
`;

  test("does not show in inputs that are fine", () => {
    const { inputs, issues } = read(text);
    expect(issues).toEqual([]);
    expect(JSON.stringify(inputs.map(({ input }) => inputAsKeys(input)))).toContain(CANARY);
    const shown = renderEffective(inputs, SETTINGS);
    expect(shown).toContain("***");
    expectHidden(shown, pem.slice(24));
  });

  test.each([
    [
      "a wrong type",
      `auth = { token = ["${CANARY}"] }\nhttp_headers = "${CANARY}"\nurls = "${CANARY}"`,
    ],
    [
      "a value that is none",
      `cert_key_base64 = "${CANARY}"\nurls = ["ftp://${CANARY}", "http://${CANARY}:x"]`,
    ],
    ["broken syntax", `auth = { token = "${CANARY}" x`],
    ["an unknown escape", `auth.token = "${CANARY}\\x"`],
    ["a number", "auth.token = 20010123456789"],
    ["a look-alike of a variable", `auth.token = "$${CANARY}"\nurl = "http://u:$${CANARY}@h"`],
    ["a list of secrets", `ca_certs_base64 = ["${CANARY}", 5]`],
  ])("does not show in issues: %s", (_, wrong) => {
    const { issues } = read(`[[inputs.prom]]\n${wrong}\n`);
    expect(issues.length).toBeGreaterThan(0);
    expectHidden(issues.map(formatIssue).join("\n"), "20010123456789");
  });

  test("does not show when it comes from the environment or a file", () => {
    const environment = { CANARY, NUMBER: "20010123456789", QUOTED: `"${CANARY}` };
    const wrong = [
      'interval = "$CANARY"',
      'metric_name_filter = ["($CANARY"]',
      'metric_types = ["$CANARY"]',
      `encoding = "$${"{CANARY}"}"`,
      "source = $NUMBER",
      "max_samples = $CANARY",
      "$CANARY = 1",
      "tags = { $CANARY = $NUMBER }",
      "[$CANARY]",
      "[[inputs.$CANARY]]",
      'measurements = [{ $CANARY = "x" }]',
    ];
    for (const line of wrong) {
      const parsed = parsePromInputs(`[[inputs.prom]]\nurl = "http://h"\n${line}\n`, {
        file: "x.conf",
        expandEnvironment: environment,
        allowSingleTable: true,
      });
      expect(parsed.issues.length, line).toBeGreaterThan(0);
      expectHidden(parsed.issues.map(formatIssue).join("\n"), "20010123456789");
    }
  });

  test("does not show in the agent's settings or their issues", async () => {
    const environment = {
      ENV_DATAWAY: `https://h?token=${CANARY},ftp://${CANARY}`,
      ENV_DATAWAY_HTTP_PROXY: `http://u:${CANARY}@p`,
      ENV_DATAWAY_TIMEOUT: "soon",
    };
    const { settings, issues } = await loadAgentSettings(undefined, environment);
    expect(JSON.stringify(settings)).toContain(CANARY);
    expect(issues.length).toBeGreaterThan(1);
    expectHidden(renderEffective([], settings) + issues.map(formatIssue).join("\n"));
  });

  function expectHidden(shown: string, ...more: string[]): void {
    for (const secret of [CANARY, CANARY.toUpperCase(), ...more]) {
      expect(shown).not.toContain(secret);
    }
  }
});
