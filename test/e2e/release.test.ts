import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeRelease, releaseDirectory, releaseFile, unpacked } from "../support/release.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";

/** Compiles twice, on a machine that may be busy. */
const WITHIN_MS = 300_000;

test(
  "two releases of one checkout are the same bytes, and are what their sums say",
  async (context) => {
    const [one, other] = [await releaseDirectory(context), scratchDirectory("release")];
    await makeRelease(context, other);
    const sums = readFileSync(join(one, "SHA256SUMS"), "utf8");
    expect(readFileSync(join(other, "SHA256SUMS"), "utf8")).toBe(sums);
    const lines = sums
      .trim()
      .split("\n")
      .map((line) => line.split("  "));
    for (const [sum, name = ""] of lines) {
      const bytes = readFileSync(join(one, name));
      expect(createHash("sha256").update(bytes).digest("hex"), name).toBe(sum);
    }
    const named = lines.map(([, name]) => name);
    expect([...named, "SHA256SUMS"].sort()).toEqual(readdirSync(one).sort());
  },
  WITHIN_MS,
);

test("the tarball installs without a script, a build or another package", async (context) => {
  const release = await releaseDirectory(context);
  const root = join(await unpacked(releaseFile(release, "tgz")), "package");
  expect(readdirSync(root).sort()).toEqual([
    ...["CHANGELOG.md", "LICENSE", "README.md", "bin", "build", "dist"],
    ...["node_modules", "package.json"],
  ]);
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(manifest).not.toHaveProperty("scripts");
  expect(manifest).not.toHaveProperty("devDependencies");
  expect(manifest.bundleDependencies).toEqual(Object.keys(manifest.dependencies));
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  expect(files.filter((file) => file.endsWith(".node"))).toEqual([]);
  const compiled = files.filter((file) => file.startsWith("dist/") && file.endsWith(".js"));
  expect(compiled.length).toBeGreaterThan(300);
  const loose = compiled.filter((file) =>
    /(from |import\()"[^"]+\.ts"/.test(readFileSync(join(root, file), "utf8")),
  );
  expect(loose).toEqual([]);
});

test("the bill of materials names what is in the tarball, and no more", async (context) => {
  const release = await releaseDirectory(context);
  const modules = join(await unpacked(releaseFile(release, "tgz")), "package", "node_modules");
  const bill = JSON.parse(readFileSync(releaseFile(release, "cdx"), "utf8"));
  expect(bill).toMatchObject({
    bomFormat: "CycloneDX",
    metadata: { component: { name: "promline" } },
  });
  const named = bill.components.map(({ name }: { name: string }) => name).sort();
  const shipped = readdirSync(modules).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((of) => `${name}/${of}`) : [name],
  );
  expect(named).toEqual(shipped.sort());
});

test("the chart is packed as Helm packs one", async (context) => {
  const chart = await unpacked(releaseFile(await releaseDirectory(context), "chart"));
  expect(readdirSync(join(chart, "promline")).sort()).toEqual(
    expect.arrayContaining(["Chart.yaml", "templates", "values.schema.json", "values.yaml"]),
  );
});
