import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHECKOUT } from "../support/agent-process.ts";
import { Child } from "../support/child.ts";
import { freePort } from "../support/free-port.ts";
import { releaseDirectory, releaseFile, unpacked } from "../support/release.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";
import { until } from "../support/until.ts";

/** What a person downloads and a node keeps. */
const MOST_BYTES = 25_000_000;

test("the Dockerfile is its base and what the script puts together", () => {
  const lines = readFileSync(join(CHECKOUT, "Dockerfile"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines).toEqual([
    expect.stringMatching(/^FROM node:26-[a-z-]+@sha256:[0-9a-f]{64}$/),
    "ADD promline-image-root-*.tar.gz /",
    "USER 65532:65532",
    'CMD ["/usr/local/bin/promline", "run", "--conf-dir", "/etc/promline/conf.d"]',
  ]);
});

test("the image root is small, has what it needs, and its agent starts as another user", async (context) => {
  const root = await unpacked(releaseFile(await releaseDirectory(context), "image-root"));
  const app = join(root, "opt", "promline");
  expect(readdirSync(root).sort()).toEqual(["etc", "opt", "usr"]);
  expect(readdirSync(join(root, "etc", "promline", "conf.d"))).toEqual([]);
  expect(readdirSync(join(app, "build")).sort()).toEqual([
    "deflate.wasm",
    "inflate.wasm",
    "replay-kernel.wasm",
  ]);
  const bytes = bytesBelow(join(app, "node_modules"));
  process.stdout.write(`node_modules of the image: ${(bytes / 1e6).toFixed(1)} MB\n`);
  expect(bytes).toBeLessThan(MOST_BYTES);

  const { program, user, data, env } = stage(root);
  const listen = `127.0.0.1:${await freePort()}`;
  const args = ["run", "--conf-dir", join(root, "etc", "promline", "conf.d")];
  const [command = "", ...rest] = [...user, program, ...args];
  const child = new Child(command, rest, { cwd: data, env: { ...env, ENV_HTTP_LISTEN: listen } });
  await until("the agent to be ready", 15_000, async () => {
    const ready = await fetch(`http://${listen}/-/ready`, { signal: AbortSignal.timeout(1000) });
    return ready.ok ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${child.report}`);
  });
  expect(await child.stop("SIGTERM", 10_000)).toMatchObject({ code: 0 });
});

test("the agent of the image does not start without one of its parts", async (context) => {
  const root = await unpacked(releaseFile(await releaseDirectory(context), "image-root"));
  rmSync(join(root, "opt", "promline", "build", "deflate.wasm"));
  const { program, data, env } = stage(root);
  const child = new Child(program, ["run", "--conf-dir", data], { cwd: data, env });
  expect(await child.exited, child.report).toMatchObject({ code: 1 });
  expect(child.stderr).toContain(
    "promline: this installation is incomplete: build/deflate.wasm is not built; install promline again\n",
  );
});

/** Whoever runs the image is not who unpacked it, and the checkout's Node may lie where only its owner can look. */
function stage(root: string) {
  const directory = scratchDirectory("image");
  const node = join(directory, "node");
  const data = join(directory, "data");
  copyFileSync(process.execPath, node);
  mkdirSync(data);
  chmodSync(directory, 0o755);
  chmodSync(join(root, ".."), 0o755);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    chownSync(data, 65_532, 65_532);
  }
  return {
    program: join(root, "usr", "local", "bin", "promline"),
    user: isRoot ? ["setpriv", "--reuid=65532", "--regid=65532", "--clear-groups"] : [],
    data,
    env: { HOME: "/", PROMLINE_NODE: node },
  };
}

function bytesBelow(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
