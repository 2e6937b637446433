import { createHash } from "node:crypto";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { MIB } from "../../units.ts";
import type { ConfigIssue } from "../language/config-issue.ts";
import type { Environment } from "../language/environment.ts";
import { isTrue } from "../language/value-types.ts";
import { parsePromInputs } from "./parse-prom-inputs.ts";
import type { LocatedInput } from "./prom-input.ts";
import { withRelabelFile } from "./relabel-file.ts";

/** What a directory of drop-ins holds. */
export interface ConfDir {
  /** Files that were read, in the order of their names; of several with the same content the first. */
  readonly files: readonly string[];
  readonly inputs: readonly LocatedInput[];
  readonly issues: readonly ConfigIssue[];
}

const MAX_FILE_BYTES = 16 * MIB;
/** The variable that holds a whole TOML text; its name stands for the file in issues. */
const INLINE = "ENV_DATAKIT_INPUTS";
const UNPROTECTED = "ENV_DISABLE_PROTECT_MODE";

/**
 * Loads every `*.conf` and `*.toml` below a directory (or the one file that is named), and `ENV_DATAKIT_INPUTS` after them.
 *
 * Symlinks are followed, each real directory and file once. Names that begin with `..` are passed by: a ConfigMap is
 * mounted as `x.conf -> ..data/x.conf` and `..data -> ..2024_…/`, so all its files come by their plain names. What cannot
 * be read is an issue, the rest goes on. Never rejects.
 */
export async function loadConfDir(root: string, environment: Environment): Promise<ConfDir> {
  const walk = new Walk();
  await walk.visit(root);
  const loader = new Loader(environment, walk.issues);
  for (const path of walk.files) {
    await loader.file(path);
  }
  await loader.inline();
  return { files: loader.files, inputs: loader.inputs, issues: loader.issues };
}

class Walk {
  readonly files: string[] = [];
  readonly issues: ConfigIssue[] = [];
  readonly #seen = new Set<string>();

  async visit(path: string): Promise<void> {
    try {
      const real = await realpath(path);
      const kind = await stat(real);
      if (this.#seen.has(real)) {
        return;
      }
      this.#seen.add(real);
      if (kind.isDirectory()) {
        await this.#directory(path);
      } else if (kind.isFile()) {
        this.files.push(path);
      } else {
        this.issues.push(fileIssue(path, "is neither a file nor a directory"));
      }
    } catch (error) {
      this.issues.push(fileIssue(path, `cannot be read (${codeOf(error)})`));
    }
  }

  async #directory(path: string): Promise<void> {
    const entries = await readdir(path, { withFileTypes: true });
    const names = entries
      .filter((entry) => !entry.name.startsWith("..") && entry.name !== ".git")
      // A symlink may be a directory whatever its name; what is not a drop-in is passed by in silence.
      .filter((entry) => isDropIn(entry.name) || entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => ({ name: entry.name, link: entry.isSymbolicLink() }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, link } of names) {
      const child = join(path, name);
      if (isDropIn(name) || !link || (await isDirectory(child))) {
        await this.visit(child);
      }
    }
  }
}

class Loader {
  readonly files: string[] = [];
  readonly inputs: LocatedInput[] = [];
  readonly issues: ConfigIssue[];
  readonly #environment: Environment;
  readonly #contents = new Set<string>();

  constructor(environment: Environment, issues: ConfigIssue[]) {
    this.#environment = environment;
    this.issues = issues;
  }

  async file(path: string): Promise<void> {
    const text = await this.#read(path);
    if (text === undefined) {
      return;
    }
    const hash = createHash("sha256").update(text).digest("base64");
    if (!this.#contents.has(hash)) {
      this.#contents.add(hash);
      this.files.push(path);
      await this.#parse(text, path);
    }
  }

  async inline(): Promise<void> {
    const text = this.#environment[INLINE];
    if (text !== undefined && text.trim() !== "") {
      await this.#parse(text, INLINE);
    }
  }

  async #read(path: string): Promise<string | undefined> {
    try {
      const { size } = await stat(path);
      if (size <= MAX_FILE_BYTES) {
        return await readFile(path, "utf8");
      }
      this.issues.push(fileIssue(path, `has ${size} bytes, more than ${MAX_FILE_BYTES}`));
    } catch (error) {
      this.issues.push(fileIssue(path, `cannot be read (${codeOf(error)})`));
    }
    return undefined;
  }

  async #parse(text: string, file: string): Promise<void> {
    const parsed = parsePromInputs(text, {
      file,
      expandEnvironment: this.#environment,
      allowSingleTable: true,
      protectMode: !isTrue(this.#environment[UNPROTECTED]),
    });
    this.issues.push(...parsed.issues);
    for (const one of parsed.inputs) {
      const located = await withRelabelFile(one, this.issues);
      this.inputs.push(...(located === undefined ? [] : [located]));
    }
  }
}

function isDropIn(name: string): boolean {
  return name.endsWith(".conf") || name.endsWith(".toml");
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function fileIssue(file: string, message: string): ConfigIssue {
  return { severity: "error", file, key: "", message };
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : "unknown reason";
}
