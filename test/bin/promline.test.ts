import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { VERSION } from "../../src/version.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SYSTEM_PATH = "/usr/bin:/bin";

let scratch = "";
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "promline-bin-"));
});
afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function promline(executable: string, args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(executable, args, {
    encoding: "utf8",
    env: { PATH: SYSTEM_PATH, ...env },
    cwd: scratch,
  });
  return { status, stdout, stderr };
}

/** A copy of the launcher in a tree without node_modules, as after a clone without `npm install`. */
function bareTree(): string {
  const root = join(scratch, "bare");
  mkdirSync(join(root, "bin"), { recursive: true });
  mkdirSync(join(root, "src"));
  writeFileSync(join(root, "src/main.ts"), 'process.stdout.write("main ran\\n");\n');
  spawnSync("cp", [join(ROOT, "bin/promline"), join(root, "bin/promline")]);
  return root;
}

/** A `node` that answers `--version` with `version` and otherwise tells which program it ran. */
function fakeNode(directory: string, version: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "node");
  const script = `#!/bin/sh
[ "$1" = --version ] && echo ${version} && exit
while case $1 in -*) true;; *) false;; esac; do shift; done
echo "ran $1"
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

test("runs through a chain of absolute and relative symbolic links, from any directory", () => {
  mkdirSync(join(scratch, "a b"));
  symlinkSync(join(ROOT, "bin/promline"), join(scratch, "a b/first"));
  symlinkSync("a b/first", join(scratch, "second"));
  const { status, stdout } = promline(join(scratch, "second"), ["version"]);
  expect(status).toBe(0);
  expect(stdout).toContain(`promline ${VERSION} `);
});

test("is found through PATH", () => {
  mkdirSync(join(scratch, "links"));
  symlinkSync(join(ROOT, "bin/promline"), join(scratch, "links/promline"));
  const { stdout } = promline("/bin/sh", ["-c", "promline version"], {
    PATH: `${join(scratch, "links")}:${SYSTEM_PATH}`,
  });
  expect(stdout).toContain(`promline ${VERSION} `);
});

test("an old node in PATH: says what is missing and what to run, exit code 1", () => {
  const root = bareTree();
  fakeNode(join(scratch, "old"), "v20.11.1");
  const { status, stdout, stderr } = promline(join(root, "bin/promline"), ["version"], {
    PATH: `${join(scratch, "old")}:${SYSTEM_PATH}`,
  });
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toContain(`needs Node.js 26 or newer; ${join(scratch, "old/node")} is version 20`);
  expect(stderr).toContain(`run "npm install" in ${root}, which brings it`);
});

test("an old node in PATH does no harm where the project has its own", () => {
  fakeNode(join(scratch, "old"), "v20.11.1");
  const { status, stdout } = promline(join(ROOT, "bin/promline"), ["version"], {
    PATH: `${join(scratch, "old")}:${SYSTEM_PATH}`,
  });
  expect(status).toBe(0);
  expect(stdout).toContain(VERSION);
});

test("no node at all", () => {
  const root = bareTree();
  mkdirSync(join(scratch, "tools"));
  for (const tool of ["sh", "sed", "readlink", "dirname"]) {
    const found = spawnSync("/bin/sh", ["-c", `command -v ${tool}`], { encoding: "utf8" });
    symlinkSync(found.stdout.trim(), join(scratch, "tools", tool));
  }
  const { status, stderr } = promline(join(root, "bin/promline"), ["version"], {
    PATH: join(scratch, "tools"),
  });
  expect(status).toBe(1);
  expect(stderr).toContain("needs Node.js 26 or newer and found none");
});

test.each([
  ["node_modules/node/bin", "v26.0.0"],
  ["node_modules/.bin", "v26.0.0"],
])("the node in %s is taken before the one in PATH", (place, version) => {
  const root = bareTree();
  fakeNode(join(root, place), version);
  fakeNode(join(scratch, "old"), "v20.11.1");
  const { status, stdout } = promline(join(root, "bin/promline"), ["version"], {
    PATH: `${join(scratch, "old")}:${SYSTEM_PATH}`,
  });
  expect(status).toBe(0);
  expect(stdout).toBe(`ran ${join(root, "src/main.ts")}\n`);
});

test("a new enough node in PATH is taken, of a later major version too", () => {
  const root = bareTree();
  fakeNode(join(scratch, "new"), "v100.0.0");
  const { stdout } = promline(join(root, "bin/promline"), [], {
    PATH: `${join(scratch, "new")}:${SYSTEM_PATH}`,
  });
  expect(stdout).toBe(`ran ${join(root, "src/main.ts")}\n`);
});

/** A tree with JavaScript, as it is shipped. */
function compiledTree(): string {
  const root = bareTree();
  mkdirSync(join(root, "dist"));
  writeFileSync(join(root, "dist/main.js"), "");
  return root;
}

test("what is shipped runs on Node 22, and says so to an older one", () => {
  const executable = join(compiledTree(), "bin/promline");
  const old = fakeNode(join(scratch, "old"), "v20.11.1");
  const enough = fakeNode(join(scratch, "enough"), "v22.19.0");
  const refused = promline(executable, [], { PROMLINE_NODE: old });
  expect(refused.stderr).toContain("needs Node.js 22 or newer");
  expect(refused.stderr).not.toContain("npm install");
  const main = join(scratch, "bare/dist/main.js");
  expect(promline(executable, [], { PROMLINE_NODE: enough }).stdout).toBe(`ran ${main}\n`);
});

test("options of V8 that a Node does not know are left out", () => {
  const executable = join(compiledTree(), "bin/promline");
  const node = join(scratch, "later/node");
  mkdirSync(join(scratch, "later"));
  const picky = `#!/bin/sh
[ "$1" = --version ] && echo v99.0.0 && exit
case $1 in --max-old-space-size=*) shift;; esac
case $1 in -*) echo "bad option: $1" >&2; exit 9;; esac
echo "ran $1"
`;
  writeFileSync(node, picky, { mode: 0o755 });
  const { status, stdout } = promline(executable, [], { PROMLINE_NODE: node });
  expect(stdout).toBe(`ran ${join(scratch, "bare/dist/main.js")}\n`);
  expect(status).toBe(0);
});

test("PROMLINE_NODE wins, and is refused when it is old or no node", () => {
  const root = bareTree();
  const executable = join(root, "bin/promline");
  const good = fakeNode(join(scratch, "good"), "v27.1.0");
  const old = fakeNode(join(scratch, "old"), "v22.0.0");
  expect(promline(executable, [], { PROMLINE_NODE: good }).stdout).toContain("ran ");
  const refused = promline(executable, [], { PROMLINE_NODE: old });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(`PROMLINE_NODE is ${old}, version 22`);
  expect(promline(executable, [], { PROMLINE_NODE: "/bin/true" }).stderr).toContain(
    "PROMLINE_NODE is /bin/true, which is no Node.js executable",
  );
});

/** Runs a command of ours, whose code is `body`, with nobody reading its standard output; resolves when it ended. */
async function unread(command: "once" | "run", body: string) {
  const root = bareTree();
  cpSync(join(ROOT, "src"), join(root, "src"), { recursive: true });
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
  writeFileSync(
    join(root, `src/cli/${command}.ts`),
    `import { setImmediate as turn } from "node:timers/promises";
     export async function ${command}Command(_args, io) { ${body} }`,
  );
  const child = spawn(join(root, "bin/promline"), [command, ...(command === "once" ? ["x"] : [])], {
    env: { PATH: SYSTEM_PATH, PROMLINE_NODE: process.execPath },
  });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = await once(child, "close");
  return { code, stderr };
}

test("a reader that goes away ends a command quietly", async () => {
  const body = 'for (;;) { io.stdout("line\\n"); await turn(); }';
  expect(await unread("once", body)).toEqual({ code: 0, stderr: "" });
});

test("but not the agent", async () => {
  const body = 'for (let i = 0; i < 50; i += 1) { io.stdout("line\\n"); await turn(); } return 7;';
  expect(await unread("run", body)).toEqual({ code: 7, stderr: "" });
});

test("a full disk behind standard output is said in one line, exit code 1", () => {
  writeFileSync(join(scratch, "page.conf"), '[[inputs.prom]]\nurls = ["http://h/metrics"]\n');
  const once = `'${join(ROOT, "bin/promline")}' once page.conf --exposition - > /dev/full`;
  const { status, stderr } = promline("/bin/sh", ["-c", `echo 'a_b 1' | ${once}`]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^promline: standard output: ENOSPC: .*$/m);
  expect(stderr).not.toContain(" at ");
});

test.each([
  [
    "a rejection nobody handles",
    'Promise.reject(new Error("no http://canary@h/")); for (;;) await turn();',
  ],
  ["a throw", 'await turn(); throw new Error("no http://canary@h/");'],
])("%s is told without secrets, exit code 1", async (_name, body) => {
  const { code, stderr } = await unread("once", body);
  expect(code).toBe(1);
  expect(stderr).toContain("promline: unexpected: Error: no http://***@h/");
  expect(stderr).not.toContain("canary");
});

test("the main thread's heap is bounded, by the container's memory where there is a limit", () => {
  const node = join(scratch, "node");
  writeFileSync(node, '#!/bin/sh\n[ "$1" = --version ] && echo v26.0.0 && exit\necho "$@"\n');
  chmodSync(node, 0o755);
  const { stdout } = promline(join(ROOT, "bin/promline"), ["version"], { PROMLINE_NODE: node });
  const mib = Number(/--max-old-space-size=(\d+) /.exec(stdout)?.[1]);
  expect(mib).toBeGreaterThanOrEqual(40);
  expect(mib).toBeLessThanOrEqual(512);
});

test("version loads the command line and nothing else", () => {
  const hooks = `import { registerHooks } from "node:module";
    registerHooks({ resolve(specifier, context, next) {
      const found = next(specifier, context);
      process.stderr.write(found.url + "\\n");
      return found;
    } });`;
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      "--import",
      `data:text/javascript,${encodeURIComponent(hooks)}`,
      join(ROOT, "src/main.ts"),
      "version",
    ],
    { encoding: "utf8" },
  );
  const loaded = stderr.trim().split("\n");
  const isCli = (url: string) =>
    /\/src\/(main|redact|version|start-signals|non-blocking-write|cli\/[a-z-]+)\.ts$|^node:(util|fs)$/.test(
      url,
    );
  expect(status).toBe(0);
  expect(loaded.some((url) => url.endsWith("/src/cli/version.ts"))).toBe(true);
  expect(loaded.filter((url) => !isCli(url) && !url.startsWith("data:"))).toEqual([]);
  expect(loaded.filter((url) => /\/cli\/(run|once|check)\.ts$/.test(url))).toEqual([]);
});
