import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readBenchEnvironment } from "../../../native-bench/bench-environment.ts";
import { findVmagent } from "../../../native-bench/contenders/vmagent.ts";

const dirs: string[] = [];

afterEach(() => Promise.all(dirs.splice(0).map((dir) => rm(dir, { recursive: true }))));

test.each([
  ["vmagent-20261101-tags-v1.145.0", "vmagent-20261101-tags-v1.145.0"],
  ["", "Debian victoria-metrics 1.145.0+ds1-2"],
])("one that says %j of itself, unpacked by peers.sh, is %j", async (said, version) => {
  const vmagent = await unpacked(said);
  const found = await findVmagent(readBenchEnvironment({ ...NONE, vmagent }));
  expect(found).toMatchObject({ kind: "found", contender: { version } });
});

test("a path is no matter of the directory that the contender starts in", () => {
  const environment = readBenchEnvironment({ ...NONE, program: "a/promline", prometheus: "b/p" });
  expect(environment.program).toBe(join(process.cwd(), "a/promline"));
  expect(environment.prometheus).toBe(join(process.cwd(), "b/p"));
  expect(environment.isCheckout).toBe(false);
  expect(readBenchEnvironment().isCheckout).toBe(true);
});

const NONE = { program: undefined, vmagent: undefined, prometheus: undefined };

/** Answers the path of a program in the place where peers.sh leaves it. */
async function unpacked(said: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "promline-peers-"));
  dirs.push(dir);
  const file = join(dir, "usr/bin/vmagent");
  await mkdir(join(dir, "usr/bin"), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho "${said}"\n`);
  await chmod(file, 0o755);
  await writeFile(
    join(dir, "versions"),
    "prometheus 3.5.3+ds1-6\nvictoria-metrics 1.145.0+ds1-2\n",
  );
  return file;
}
