import type { LocatedInput } from "../config/input/prom-input.ts";
import type { ConfigIssue } from "../config/language/config-issue.ts";

/** What a load of conf.d came to. */
export interface LoadedConf {
  /** Paths of all files that were read, those without a valid table included. */
  readonly files: readonly string[];
  readonly inputs: readonly LocatedInput[];
  readonly issues: readonly ConfigIssue[];
}

/** The inputs to run after a load. */
export interface AcceptedConf {
  readonly inputs: readonly LocatedInput[];
  readonly issues: readonly ConfigIssue[];
  /** Files whose new version has errors, so that their last good version runs on. */
  readonly kept: readonly string[];
}

interface FileVersion {
  readonly inputs: readonly LocatedInput[];
  readonly flawed: boolean;
}

/**
 * Remembers the last version of each file that was taken. A version with errors never replaces one without: that file's
 * last good inputs run on. Where already the version that runs has errors (a bad table beside good ones, since the start), the
 * next one is taken, unless it has nothing to run.
 */
export class LastGoodInputs {
  #versions = new Map<string, FileVersion>();

  accept(loaded: LoadedConf): AcceptedConf {
    const versions = new Map<string, FileVersion>();
    const kept: string[] = [];
    const inputsOf = Map.groupBy(loaded.inputs, ({ file }) => file);
    const flawed = new Set(
      loaded.issues.filter(({ severity }) => severity === "error").map(({ file }) => file),
    );
    const unread = [...this.#versions.keys()].filter((file) => isAtOrBelow(file, flawed));
    for (const file of new Set([...loaded.files, ...inputsOf.keys(), ...unread])) {
      const inputs = inputsOf.get(file) ?? [];
      const fresh: FileVersion = { inputs, flawed: isAtOrBelow(file, flawed) };
      const last = this.#versions.get(file);
      if (last !== undefined && isWorse(fresh, last)) {
        versions.set(file, last);
        kept.push(file);
      } else {
        versions.set(file, fresh);
      }
    }
    this.#versions = versions;
    const inputs = [...versions.values()].flatMap((version) => version.inputs);
    return { inputs, issues: loaded.issues, kept };
  }
}

/** Whether one of `paths` is the file or a directory above it: what cannot be read is an issue and not in the list of files. */
function isAtOrBelow(file: string, paths: ReadonlySet<string>): boolean {
  return paths.has(file) || [...paths].some((path) => file.startsWith(`${path}/`));
}

function isWorse(fresh: FileVersion, last: FileVersion): boolean {
  if (!fresh.flawed || last.inputs.length === 0) {
    return false;
  }
  return !last.flawed || fresh.inputs.length === 0;
}
