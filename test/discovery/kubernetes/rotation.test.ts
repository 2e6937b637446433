import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import type { ApiAccess } from "../../../src/discovery/kubernetes/api/api-access.ts";
import { PodWatcher } from "../../../src/discovery/kubernetes/pods/pod-watcher.ts";
import { Authority, type CertificatePair } from "../../support/certificates.ts";
import { KubeApi } from "../../support/kube-api.ts";
import { scratchDirectory } from "../../support/scratch-directory.ts";
import { requireService } from "../../support/services.ts";
import { until } from "../../support/until.ts";

const NAMES = { names: ["IP:127.0.0.1"], use: "serverAuth" as const };

function pems({ cert, key }: CertificatePair) {
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

/** A service account's directory as the kubelet makes it, and the API server that goes with it. */
async function cluster(context: TestContext) {
  const openssl = requireService(context, "openssl");
  const directory = scratchDirectory("rotation");
  const authority = new Authority(openssl, join(directory, "old"));
  const account = join(directory, "account");
  const caPath = `${account}.ca.crt`;
  const tokenPath = `${account}.token`;
  writeFileSync(caPath, readFileSync(authority.cert));
  writeFileSync(tokenPath, "first\n");
  const tls = pems(authority.issue("api", NAMES));
  const api = await KubeApi.start({ tls, tokens: ["first"] });
  const access: ApiAccess = {
    server: new URL(api.url),
    authorities: { kind: "file", path: caPath },
    credentials: { kind: "file", path: tokenPath },
    insecureSkipVerify: false,
  };
  return { openssl, directory, api, access, caPath, tokenPath };
}

function watch(access: ApiAccess) {
  const names = new Set<string>();
  const reasons: string[] = [];
  const watcher = new PodWatcher({
    access,
    node: "node-1",
    selection: { labels: [], annotations: [], annotationBytes: 16_384 },
    clock: systemClock,
    changed: (pods) => {
      names.clear();
      for (const { name } of pods.values()) names.add(name);
    },
    trouble: ({ reason }) => reasons.push(reason),
  });
  watcher.start(new AbortController().signal);
  onTestFinished(() => watcher.stop());
  const knows = (name: string) =>
    until(`pod ${name} (${reasons.join(" ")})`, 2000, () => (names.has(name) ? true : undefined));
  return { reasons, knows };
}

test("a rotated token counts from the next request on", async (context) => {
  const { api, access, tokenPath } = await cluster(context);
  const { knows, reasons } = watch(access);
  api.store.put({ name: "a" });
  await knows("a");
  // The watch is on: no request with the first token is under way any more.
  await until("the watch", 2000, () => (api.watching > 0 ? true : undefined));
  writeFileSync(tokenPath, "second\n");
  api.tokens = ["second"];
  api.dropWatches();
  api.store.put({ name: "b" });
  await knows("b");
  expect(reasons).not.toContain("unauthorized");
});

test("a token that is behind is tried again until it is there", async (context) => {
  const { api, access, tokenPath } = await cluster(context);
  const { knows, reasons } = watch(access);
  api.store.put({ name: "a" });
  await knows("a");
  api.tokens = ["second"];
  api.dropWatches();
  api.store.put({ name: "b" });
  await until("a refusal", 2000, () => (reasons.includes("unauthorized") ? true : undefined));
  writeFileSync(tokenPath, "second\n");
  await knows("b");
});

test("a rotated authority counts from the next request on", async (context) => {
  const { openssl, directory, api, access, caPath } = await cluster(context);
  const { knows, reasons } = watch(access);
  api.store.put({ name: "a" });
  await knows("a");
  const authority = new Authority(openssl, join(directory, "new"), "new");
  await api.down();
  await api.up(pems(authority.issue("api", NAMES)));
  await until("a refusal", 3000, () => (reasons.includes("tls") ? true : undefined));
  api.store.put({ name: "b" });
  writeFileSync(caPath, readFileSync(authority.cert));
  await knows("b");
});

test("a server that the authority did not sign hears nothing of the token", async (context) => {
  const { openssl, directory, api, access } = await cluster(context);
  const stranger = new Authority(openssl, join(directory, "stranger"), "stranger");
  await api.down();
  await api.up(pems(stranger.issue("api", NAMES)));
  const { reasons } = watch(access);
  await until("refusals", 3000, () => (reasons.length >= 3 ? true : undefined));
  expect(new Set(reasons)).toEqual(new Set(["tls"]));
  expect(api.requests).toEqual([]);
});

test("a certificate for another name is refused", async (context) => {
  const { openssl, directory, api, access, caPath } = await cluster(context);
  const authority = new Authority(openssl, join(directory, "other"), "other");
  writeFileSync(caPath, readFileSync(authority.cert));
  await api.down();
  await api.up(pems(authority.issue("api", { ...NAMES, names: ["DNS:elsewhere.test"] })));
  const { reasons } = watch(access);
  await until("a refusal", 3000, () => (reasons.includes("tls") ? true : undefined));
  expect(api.requests).toEqual([]);
});
