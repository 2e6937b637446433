import { expect, test } from "vitest";
import { type DnsAnswer, searchNames } from "../../src/dial/dns-answer.ts";

const FOUND: DnsAnswer = { kind: "addresses", addresses: ["10.0.0.1"], ttlMs: 1000 };
const ABSENT: DnsAnswer = { kind: "absent" };
const UNABLE: DnsAnswer = { kind: "unable", why: "SERVFAIL" };
const SILENT: DnsAnswer = { kind: "silent", why: "silence" };

test.for<readonly [string, readonly DnsAnswer[], DnsAnswer, number]>([
  ["the first that has addresses ends it", [ABSENT, FOUND, SILENT], FOUND, 2],
  ["absent everywhere is absent", [ABSENT, ABSENT, ABSENT], ABSENT, 3],
  ["silence ends it: the next name may be another host's", [ABSENT, SILENT, FOUND], SILENT, 2],
  ["a server that cannot say is passed over", [UNABLE, FOUND, ABSENT], FOUND, 2],
  ["one that cannot say is no proof of absence", [UNABLE, ABSENT, ABSENT], UNABLE, 3],
  ["no names at all", [], ABSENT, 0],
])("%s", async ([, answers, expected, asked]) => {
  const names: string[] = [];
  const answer = await searchNames(
    answers.map((_, at) => `n${at}`),
    async (name) => {
      names.push(name);
      return answers[names.length - 1] ?? ABSENT;
    },
  );
  expect(answer).toEqual(expected);
  expect(names).toHaveLength(asked);
});
