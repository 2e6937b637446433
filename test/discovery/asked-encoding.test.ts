import { expect, test } from "vitest";
import { askedEncoding } from "../../src/discovery/asked-encoding.ts";
import { staticTargets } from "../../src/discovery/static-targets.ts";
import { located } from "../support/prom-input.ts";

type Input = Parameters<typeof located>[0];

/** What one target is asked for on a node where 10.0.0.5 and localhost are. */
function asked(url: string, more: Input = {}): string {
  const [target] = staticTargets([located({ urls: [url], ...more })]).targets;
  return target === undefined
    ? "no target"
    : askedEncoding(target, (hostname) => ["10.0.0.5", "localhost"].includes(hostname));
}

test.for([
  ["http://10.0.0.5:9100/metrics", "auto", "identity"],
  ["https://user:pw@LOCALHOST/metrics", "auto", "identity"],
  ["http://10.0.0.6:9100/metrics", "auto", "gzip"],
  ["http://10.0.0.5/metrics", "gzip", "gzip"],
  ["http://10.0.0.6/metrics", "identity", "identity"],
] as const)("%s with %s is asked for %s", ([url, encoding, wanted]) => {
  expect(asked(url, { encoding })).toBe(wanted);
});

test("a unix socket is on this node, whatever the URL says", () => {
  expect(asked("http://kubelet.test/metrics", { udsPath: "/run/a.sock" })).toBe("identity");
});
