import { readFileSync } from "node:fs";
import type { ConfigIssue } from "./config-issue.ts";
import type { Environment } from "./environment.ts";
import { unsetVariables } from "./expansion.ts";
import type { IssueLog } from "./issue-log.ts";
import type { TomlDocument } from "./toml-document.ts";
import type { Place } from "./toml-places.ts";

interface ReadingContext {
  readonly log: IssueLog;
  readonly file: string;
  readonly document?: TomlDocument;
  /** Absent: values are taken as written, no variable is warned of and no `ENC[…]` is opened (annotations). */
  readonly environment?: Environment;
}

const SECRET_FILE = /ENC\[file:\/\/([^\]]*)\]/g;
/** Larger than any token or certificate; a mistaken path must not fill the memory. */
const MAX_SECRET_BYTES = 1_048_576;

/** One key being read: its name, its place, and a way to say what is wrong with it. */
export class Reading {
  readonly path: string;
  readonly secret: boolean;
  readonly #context: ReadingContext;
  readonly #place: Place | undefined;

  constructor(context: ReadingContext, path: string, place: Place | undefined, secret = false) {
    this.#context = context;
    this.path = path;
    this.#place = place;
    this.secret = secret;
  }

  /** Whether this text may still compile a pattern: all of them together have a bound. */
  affords(pattern: string): boolean {
    return this.#context.log.affords(pattern);
  }

  get environment(): Environment | undefined {
    return this.#context.environment;
  }

  get errors(): number {
    return this.#context.log.errors;
  }

  child(name: string, secret = false): Reading {
    const place = this.#place?.keys?.get(name);
    const shown = this.shownName(name);
    const path = this.path === "" ? shown : `${this.path}.${shown}`;
    return new Reading(this.#context, path, place, this.secret || secret);
  }

  /** A key of this table as a message may name it: not where a variable of the environment is part of it. */
  shownName(name: string): string {
    const range = this.#place?.keys?.get(name)?.offset;
    const start = range ?? 0;
    const end = range === undefined ? Number.POSITIVE_INFINITY : start + name.length;
    return this.#context.document?.isFromEnvironment(start, end) ? "***" : name;
  }

  /** One table of a list of tables. It keeps the path of the list: positions tell them apart. */
  element(index: number): Reading {
    return new Reading(this.#context, this.path, this.#place?.elements?.[index], this.secret);
  }

  /** The same for a value that comes from a variable of the environment. */
  variable(name: string, secret = false): Reading {
    const context = { log: this.#context.log, file: "environment" };
    return new Reading(context, name, undefined, this.secret || secret);
  }

  /** For something wrong with a value that may have come from this variable: that one where it is set, else this key. */
  orVariable(name: string): Reading {
    const text = this.environment?.[name];
    return text === undefined || text === "" ? this : this.variable(name, this.secret);
  }

  error(message: string): undefined {
    this.#say("error", message);
    return undefined;
  }

  warn(message: string): void {
    this.#say("warning", message);
  }

  /** Position of the key, or of the header of a table. */
  get position(): ConfigIssue["position"] {
    const place = this.#place;
    return place && this.#context.document?.position(place.header ?? place.offset);
  }

  /** The value as a message may show it: never a secret, nothing from the environment, at most 60 characters. */
  show(value: unknown): string {
    if (Array.isArray(value)) {
      return "a list";
    }
    if (typeof value === "object" && value !== null) {
      return value instanceof Date ? "a date" : "a table";
    }
    if (this.secret || this.#valueFromOutside(value)) {
      return "the value (not shown)";
    }
    const text = typeof value === "string" ? JSON.stringify(value) : String(value);
    return text.length > 60 ? `${text.slice(0, 59)}…` : text;
  }

  /** A string with `ENC[file:///path]` replaced by the content of that file; undefined once an error has been said. */
  text(value: string): string | undefined {
    const environment = this.#context.environment;
    if (environment === undefined) {
      return value;
    }
    this.#warnOfUnset(value, environment);
    return this.opened(value);
  }

  /** The same for a variable, in which `$NAME` means nothing. */
  opened(value: string): string | undefined {
    let failed = false;
    const text = value.replace(SECRET_FILE, (_, path: string) => {
      const content = readSecretFile(path);
      failed ||= content === undefined;
      return content ?? "";
    });
    return failed ? this.error("the file of ENC[file://…] cannot be read") : text;
  }

  /** Of a secret the name is not told: it may be a part of the secret that only looks like a variable. */
  #warnOfUnset(value: string, environment: Environment): void {
    const [first] = unsetVariables(value, environment);
    if (first !== undefined) {
      const name = this.secret ? "a variable in it" : `$${first}`;
      this.warn(`${name} is not set in the environment and stays as written`);
    }
  }

  #say(severity: ConfigIssue["severity"], message: string): void {
    const { log, file } = this.#context;
    log.add(severity, () => {
      const { position } = this;
      return { severity, file, ...(position && { position }), key: this.path, message };
    });
  }

  #valueFromOutside(value: unknown): boolean {
    const document = this.#context.document;
    if (typeof value === "string" && value.includes("ENC[")) {
      return true;
    }
    if (document === undefined) {
      return false;
    }
    const range = this.#place?.value ?? { start: 0, end: Number.POSITIVE_INFINITY };
    return document.isFromEnvironment(range.start, range.end);
  }
}

function readSecretFile(path: string): string | undefined {
  try {
    const content = readFileSync(path, "utf8");
    return content.length > MAX_SECRET_BYTES ? undefined : content.replace(/\r?\n$/, "");
  } catch {
    return undefined;
  }
}
