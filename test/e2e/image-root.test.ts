import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHECKOUT } from "../support/agent-process.ts";
import { Child } from "../support/child.ts";
import { freePort } from "../support/free-port.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";
import { requireService } from "../support/services.ts";
import { until } from "../support/until.ts";

test("the Dockerfile does nothing that the script does not", () => {
  const lines = readFileSync(join(CHECKOUT, "Dockerfile"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines.map((line) => line.split(" ")[0])).toEqual([
    ...["FROM", "COPY", "RUN"],
    ...["FROM", "COPY", "USER", "CMD"],
  ]);
  for (const line of lines.filter((text) => text.startsWith("FROM"))) {
    expect(line).toMatch(/^FROM node:26-[a-z-]+@sha256:[0-9a-f]{64}( AS build)?$/);
  }
  expect(lines).toContain("RUN /promline/scripts/image-root.sh /root-of-image");
  expect(lines).toContain("USER 65532:65532");
});

test("the agent starts from what the script puts together", async (context) => {
  requireService(context, "npm");
  const directory = scratchDirectory("image");
  const root = join(directory, "root");
  // The checkout may lie where only its owner can look; the node of the image is for all.
  const node = join(directory, "bin", "node");
  mkdirSync(join(directory, "bin"));
  copyFileSync(process.execPath, node);
  chmodSync(directory, 0o755);
  execFileSync(join(CHECKOUT, "scripts", "image-root.sh"), [root], {
    stdio: "pipe",
    timeout: 100_000,
    env: { ...process.env, PROMLINE_NODE: node },
  });
  const app = join(root, "opt", "promline");
  expect(readdirSync(root).sort()).toEqual(["etc", "opt", "usr"]);
  expect(readdirSync(join(root, "etc", "promline", "conf.d"))).toEqual([]);
  expect(readdirSync(join(app, "node_modules"))).not.toContain("vitest");
  const before = readdirSync(join(app, "compile-cache"), { recursive: true }).length;
  expect(before).toBeGreaterThan(100);

  const data = join(directory, "data");
  mkdirSync(data);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    chownSync(data, 65_532, 65_532);
  }
  const listen = `127.0.0.1:${await freePort()}`;
  const program = join(root, "usr", "local", "bin", "promline");
  const conf = join(root, "etc", "promline", "conf.d");
  const user = isRoot ? ["setpriv", "--reuid=65532", "--regid=65532", "--clear-groups"] : [];
  const [command = program, ...args] = [...user, program, "run", "--conf-dir", conf];
  const env = { ENV_HTTP_LISTEN: listen, HOME: "/", PROMLINE_NODE: node };
  const child = new Child(command, args, { cwd: data, env });
  await until("the agent to be ready", 15_000, async () => {
    const ready = await fetch(`http://${listen}/-/ready`, { signal: AbortSignal.timeout(1000) });
    return ready.ok ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${child.report}`);
  });
  if (isRoot) {
    expect(statSync(`/proc/${child.pid}`).uid).toBe(65_532);
  }
  expect(await child.stop("SIGTERM", 10_000)).toMatchObject({ code: 0 });
  // The cache was found: whoever does not find it writes another, or here, may not.
  expect(readdirSync(join(app, "compile-cache"), { recursive: true }).length).toBe(before);
});
