import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kubeconfigAccess } from "../../../../src/discovery/kubernetes/api/kubeconfig.ts";
import { scratchDirectory } from "../../../support/scratch-directory.ts";

const CLUSTER = "server: https://k8s.test:6443";

function config(cluster: string, user: string): string {
  return `apiVersion: v1
kind: Config
current-context: dev
contexts:
- name: other
  context: {cluster: nothing, user: nobody}
- name: dev
  context: {cluster: c, user: u}
clusters:
- name: c
  cluster: {${cluster}}
users:
- name: u
  user: {${user}}
`;
}

async function access(text: string): Promise<unknown> {
  const directory = scratchDirectory("kubeconfig");
  const path = join(directory, "config");
  writeFileSync(path, text);
  const found: unknown = JSON.parse(JSON.stringify(await kubeconfigAccess(path)));
  return JSON.parse(JSON.stringify(found).replaceAll(directory, "DIR"));
}

test("a token, and an authority as data", async () => {
  const data = Buffer.from("PEM").toString("base64");
  const text = config(`${CLUSTER}, certificate-authority-data: ${data}`, "token: abc");
  expect(await access(text)).toEqual({
    server: "https://k8s.test:6443/",
    authorities: { kind: "text", pem: "PEM" },
    credentials: { kind: "token", token: "abc" },
    insecureSkipVerify: false,
  });
});

test("paths are from the directory of the file", async () => {
  const text = config(
    `${CLUSTER}, certificate-authority: ca.crt, tls-server-name: api`,
    "client-certificate: me.crt, client-key: /k/me.key, tokenFile: token",
  );
  expect(await access(text)).toEqual({
    server: "https://k8s.test:6443/",
    authorities: { kind: "file", path: "DIR/ca.crt" },
    credentials: { kind: "file", path: "DIR/token" },
    clientCertificate: {
      cert: { kind: "file", path: "DIR/me.crt" },
      key: { kind: "file", path: "/k/me.key" },
    },
    serverName: "api",
    insecureSkipVerify: false,
  });
});

test("verification is off only where the file says so", async () => {
  expect(await access(config(`${CLUSTER}, insecure-skip-tls-verify: true`, ""))).toMatchObject({
    insecureSkipVerify: true,
  });
});

for (const [what, text, detail] of [
  ["exec", config(CLUSTER, "exec: {command: aws}"), 'has "exec", which is not supported'],
  ["no server", config("server: tcp://x", ""), "no server with http or https"],
  ["no context", "current-context: x\n", 'has no context "x"'],
  ["not YAML", "a: [", "kubeconfig DIR/config: "],
] as const) {
  test(`${what} is refused with a word on it`, async () => {
    expect(await access(text)).toEqual({
      kind: "no_access",
      detail: expect.stringContaining(detail),
    });
  });
}

test("a file that is not there", async () => {
  expect(await kubeconfigAccess("/nowhere/config")).toMatchObject({
    kind: "no_access",
    detail: expect.stringContaining("ENOENT"),
  });
});
