import { describe, expect, test } from "vitest";
import { parseOptions } from "../../native-bench/options.ts";

describe("the command line", () => {
  test.each([
    [[], { agents: true, lanes: "all", heap: true, workloads: [] }],
    [["heap"], { agents: false, lanes: "none", heap: true, workloads: [] }],
    [["W1", "W3"], { agents: true, lanes: "none", heap: false, workloads: ["W1", "W3"] }],
    [["lanes"], { agents: false, lanes: "all", workloads: [] }],
    [["relabel"], { agents: true, lanes: "relabel", workloads: ["relabel"] }],
    [["W1", "lanes"], { agents: true, lanes: "all", workloads: ["W1"] }],
    [["--contenders", "promline,roofline"], { contenders: ["promline", "roofline"] }],
    [["--runs", "5", "--gzip"], { gzip: true, settings: { runs: 5, scale: "full" } }],
    [["--network", "loopback"], { network: "loopback", gzip: false }],
    [
      ["--program", "a/promline", "--vmagent", "v", "--prometheus", "p"],
      { programs: { program: "a/promline", vmagent: "v", prometheus: "p" } },
    ],
    [["--smoke"], { settings: { scale: "smoke", runs: 1 } }],
  ])("%j", (argv, expected) => {
    expect(parseOptions(argv)).toMatchObject({ kind: "options", options: expected });
  });

  test.each([
    [["--runs", "0"], "--runs"],
    [["--window", "soon"], "--window"],
    [["--contenders", "telegraf"], "telegraf"],
    [["--name", "../elsewhere"], "--name"],
    [["--network", "bridge"], "--network"],
    [["--fast"], "--fast"],
  ])("%j is refused and says %s", (argv, word) => {
    const parsed = parseOptions(argv);
    expect(parsed).toMatchObject({ kind: "wrong", why: expect.stringContaining(word) });
  });

  test("asks for help", () => {
    expect(parseOptions(["--help", "W1"])).toEqual({ kind: "help" });
  });
});
