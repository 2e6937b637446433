import { expect, test } from "vitest";
import { EchoMask } from "../../src/fetch/echo-mask.ts";

const mask = new EchoMask({
  url: "http://user:pass%40word@h/metrics?token=c%2Bnary&bare-canary&n=1",
  headers: { "X-Key": "canary-key", Authorization: "Bearer canary-header" },
  bearer: { kind: "token", token: "canary-token" },
  encoding: "identity",
});

test.each([
  ["key canary-key, token canary-token", "key ***, token ***"],
  ["Authorization: Bearer of-a-file <b>", "Authorization: Bearer *** <b>"],
  ["you canary-header", "you ***"],
  ["basic dXNlcjpwYXNz", "basic ***"],
  ["c+nary c%2Bnary bare-canary pass%40word", "*** *** *** ***"],
  ["<a href=/login?to=/metrics&x=y>", "<a href=/login?***>"],
  ["is n=1 or 1 a number? yes", "is n=1 or 1 a number? yes"],
  ["a cut canary-to…", "a cut ***…"],
  ["a cut cana…", "a cut ***…"],
  ["nothing of ours", "nothing of ours"],
])("%s is shown as %s", (excerpt, shown) => {
  expect(mask.mask(excerpt)).toBe(shown);
});

test("without a request only what looks like a secret is masked", () => {
  expect(new EchoMask(undefined).mask("canary-key ?a=b")).toBe("canary-key ?***");
});
