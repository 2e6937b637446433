import { createHash } from "node:crypto";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** A tree this large is no conf.d; what lies beyond is not watched. */
const MAX_FILES = 10_000;
const MAX_DEPTH = 16;
/** Drop-ins, and the relabel rules they name. */
const CONF_FILE = /\.(conf|toml|ya?ml)$/;

/**
 * Tells whether a conf.d directory changed. The first answer is cheap: it compares where each file really lies (ConfigMaps
 * swap a symbolic link), inode, size and times in nanoseconds. Only when one of these moved are the files read.
 */
export class ConfFingerprint {
  readonly #directory: string;
  #stats = "";
  #content = "";

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * A hash of names and contents, equal as long as both are. The stats are taken before the files are read, so a file that
   * changes meanwhile differs the next time. Rejects when the directory itself cannot be read.
   */
  async current(): Promise<string> {
    const files = await this.#files();
    const stats = files.map(({ line }) => line).join("\n");
    if (stats !== this.#stats || this.#content === "") {
      this.#content = await contentHash(files.map(({ path }) => path));
      this.#stats = stats;
    }
    return this.#content;
  }

  async #files(): Promise<{ path: string; line: string }[]> {
    const found: { path: string; line: string }[] = [];
    await walk(this.#directory, [], found);
    return found.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

/** `above` are the real paths of the directories on the way down: a link back to one of them is not followed. */
async function walk(
  directory: string,
  above: readonly string[],
  found: { path: string; line: string }[],
): Promise<void> {
  // Each answer of the disk wakes this thread: what can be asked at once is.
  const [real, names] = await Promise.all([realpath(directory), readdir(directory)]);
  if (above.includes(real) || above.length >= MAX_DEPTH) {
    return;
  }
  for (const name of names) {
    // A mounted ConfigMap has its files below `..data` too: they come by their plain names, as in loading.
    if (name === ".git" || name.startsWith("..") || found.length >= MAX_FILES) {
      continue;
    }
    const path = join(directory, name);
    try {
      const [about, target] = await Promise.all([stat(path, { bigint: true }), realpath(path)]);
      if (about.isDirectory()) {
        await walk(path, [...above, real], found);
      } else if (about.isFile() && CONF_FILE.test(name)) {
        const { ino, size, mtimeNs, ctimeNs } = about;
        found.push({
          path,
          line: [path, target, ino, size, mtimeNs, ctimeNs].join(" "),
        });
      }
    } catch {
      // Gone while we looked, a dangling link, or not ours to read: part of the state like any other.
      found.push({ path, line: `${path} unreadable` });
    }
  }
}

async function contentHash(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) {
    let content: Buffer | undefined;
    try {
      content = await readFile(path);
    } catch {
      // Stands in the hash as unreadable.
    }
    hash.update(`${path}\0${content === undefined ? "unreadable" : content.length}\0`);
    hash.update(content ?? "");
  }
  return hash.digest("hex");
}
