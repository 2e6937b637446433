import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { MIB } from "../../units.ts";
import type { ConfigIssue } from "../language/config-issue.ts";
import type { LocatedInput } from "./prom-input.ts";
import { parseRelabelYaml } from "./relabel-yaml.ts";

const MAX_FILE_BYTES = 4 * MIB;

/**
 * The input with the rules of its `relabel_config_file`, whose path counts from the drop-in's directory. Undefined, and issues
 * with their places in that file, where a rule is wrong or the file cannot be read: half of the rules would be worse than
 * none. Never rejects.
 */
export async function withRelabelFile(
  located: LocatedInput,
  issues: ConfigIssue[],
): Promise<LocatedInput | undefined> {
  const { input, file: dropIn } = located;
  const { series } = input;
  if (series?.relabelFile === undefined) {
    return located;
  }
  const { path } = series.relabelFile;
  const file = resolve(dirname(dropIn), path);
  const refuse = (trouble: string): undefined => {
    const { position } = located;
    const key = "inputs.prom.relabel_config_file";
    const message = `${path} ${trouble}`;
    issues.push({ severity: "error", file: dropIn, ...(position && { position }), key, message });
  };
  const text = await read(file);
  if (typeof text !== "string") {
    return refuse(`cannot be read (${text.trouble})`);
  }
  const { rules, targetRules, faults } = await parseRelabelYaml(text, {
    flavour: series.flavour,
    names: "utf8",
  });
  if (faults.length === 0) {
    const relabelFile = { path, rules, targetRules };
    return { ...located, input: { ...input, series: { ...series, relabelFile } } };
  }
  issues.push(
    ...faults.map((fault): ConfigIssue => ({ severity: "error", file, key: "", ...fault })),
  );
  // Said of the drop-in too: it is that one whose last good version runs on.
  return refuse("has errors, so that this table is off");
}

async function read(file: string): Promise<string | { readonly trouble: string }> {
  try {
    const { size } = await stat(file);
    return size > MAX_FILE_BYTES
      ? { trouble: `${size} bytes, more than ${MAX_FILE_BYTES}` }
      : await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
    return { trouble: typeof code === "string" ? code : "unknown reason" };
  }
}
