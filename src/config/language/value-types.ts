import { checkPattern } from "../../rules/check-pattern.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import type { Reading } from "./reading.ts";
import { isTable, type ValueType } from "./schema.ts";
import { didYouMean } from "./suggestion.ts";

const TRUE = new Set(["true", "1", "yes", "on", "enable", "enabled"]);
const FALSE = new Set(["false", "0", "no", "off", "disable", "disabled"]);
/** Nanoseconds in a millisecond. */
const NANOS = 1e6;

/** Whether a variable is set to a word for true. */
export function isTrue(text: string | undefined): boolean {
  return text !== undefined && TRUE.has(text.trim().toLowerCase());
}

export const boolean: ValueType<boolean> = {
  name: "boolean",
  read: (raw, at) =>
    typeof raw === "boolean" ? raw : at.error(`${at.show(raw)} is not true or false`),
  fromText: (text) => {
    const word = text.trim().toLowerCase();
    return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
  },
};

export const string: ValueType<string> = {
  name: "string",
  read: (raw, at) =>
    typeof raw === "string" ? at.text(raw) : at.error(`${at.show(raw)} is not a string in quotes`),
};

/** A whole number within bounds, both included. */
export function integer(
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
  unit = "",
): ValueType<number> {
  const what = unit === "" ? "a whole number" : `a whole number of ${unit}`;
  const bounds = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `${min} to ${max}`;
  return {
    name: unit === "" ? "integer" : `integer, ${unit}`,
    read: (raw, at) => {
      if (typeof raw === "number" && Number.isInteger(raw) && raw >= min && raw <= max) {
        return raw;
      }
      return at.error(`${at.show(raw)} is not ${what} (${bounds})`);
    },
    fromText: (text) => (/^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : undefined),
  };
}

/** Milliseconds, more than nothing; `zero` says what a 0 stands for where it is allowed. */
export function duration(zero?: { readonly means: number }): ValueType<number> {
  return {
    name: "duration",
    write: formatDuration,
    read: (raw, at) => {
      const ms = readDuration(raw, at);
      if (ms === undefined) {
        return undefined;
      }
      if (ms === 0 && zero !== undefined) {
        at.warn(`0 stands for the default, ${formatDuration(zero.means)}`);
        return zero.means;
      }
      return ms > 0 ? ms : at.error(`${at.show(raw)} is not a duration above zero`);
    },
  };
}

/** Milliseconds; zero and less are left to the caller. */
export const anyDuration: ValueType<number> = {
  name: "duration",
  read: readDuration,
  write: formatDuration,
};

function readDuration(raw: unknown, at: Reading): number | undefined {
  if (typeof raw === "number" && Number.isInteger(raw)) {
    const ms = raw / NANOS;
    const instead = ms >= 1 ? `write "${formatDuration(ms)}"` : `for seconds write "${raw}s"`;
    at.warn(`${raw} without a unit means ${raw} nanoseconds; ${instead}`);
    return ms;
  }
  const text = typeof raw === "string" ? at.text(raw) : undefined;
  const ms = text === undefined ? undefined : parseDuration(text);
  return ms ?? at.error(`${at.show(raw)} is not a duration; write one like "30s" or "1m30s"`);
}

/** One of some words; `aliases` are other spellings of them. */
export function oneOf<const W extends string>(
  words: readonly W[],
  aliases: Readonly<Record<string, W>> = {},
): ValueType<W> {
  return {
    name: words.map((word) => `"${word}"`).join(", "),
    read: (raw, at) => {
      const given = typeof raw === "string" ? raw.toLowerCase() : undefined;
      const word = words.find((one) => one === given);
      if (word !== undefined || given === undefined) {
        return word ?? at.error(`${at.show(raw)} is not one of ${words.join(", ")}`);
      }
      const alias = Object.hasOwn(aliases, given) ? aliases[given] : undefined;
      const hint = at.secret ? "" : didYouMean(given, words);
      return alias ?? at.error(`${at.show(raw)} is not one of ${words.join(", ")}${hint}`);
    },
  };
}

export const strings: ValueType<readonly string[]> = {
  name: "list of strings",
  read: readStrings,
  fromText: (text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
};

/** Patterns that do not compile are left out with a warning, as DataKit does. */
export const patterns: ValueType<readonly string[]> = {
  name: "list of patterns",
  read: (raw, at) => {
    const given = readStrings(raw, at);
    const good = given && compiling(given, at);
    if (good?.length === 0 && given?.length !== 0) {
      at.warn("no pattern is left, so nothing is filtered by this key");
    }
    return good;
  },
};

export const stringMap: ValueType<Readonly<Record<string, string>>> = {
  name: "table of strings",
  read: (raw, at) => readMap(raw, at, string.read),
};

export const patternsMap: ValueType<Readonly<Record<string, readonly string[]>>> = {
  name: "table of lists of patterns",
  read: (raw, at) =>
    readMap(raw, at, (value, here) => {
      const given = readStrings(value, here);
      return given && compiling(given, here);
    }),
};

function readStrings(raw: unknown, at: Reading): readonly string[] | undefined {
  if (typeof raw === "string") {
    return at.error(`must be a list of strings; put ${at.show(raw)} in brackets`);
  }
  if (!Array.isArray(raw)) {
    return at.error(`${at.show(raw)} is not a list of strings`);
  }
  const read: string[] = [];
  for (const element of raw) {
    if (typeof element !== "string") {
      return at.error(`${at.show(element)} in the list is not a string in quotes`);
    }
    const text = at.text(element);
    if (text === undefined) {
      return undefined;
    }
    read.push(text);
  }
  return read;
}

function compiling(given: readonly string[], at: Reading): readonly string[] {
  if (!given.every((source) => at.affords(source))) {
    at.error(
      "the patterns of this text are too large together, repetitions such as {1000} counted in",
    );
    return [];
  }
  return given.filter((source) => {
    const trouble = verdictOn(source);
    if (trouble !== undefined) {
      // The compiler's words quote the pattern.
      const shown = at.show(source);
      const words = shown.startsWith('"') ? `: ${trouble}` : "";
      at.warn(`the pattern ${shown} does not compile and is left out${words}`);
    }
    return trouble === undefined;
  });
}

/** Compiling takes 50 us, and 250 pods of a node have the same list of fifty. */
const verdicts = new Map<string, string | undefined>();
const MAX_VERDICTS = 2000;

function verdictOn(source: string): string | undefined {
  if (verdicts.has(source)) {
    return verdicts.get(source);
  }
  if (verdicts.size >= MAX_VERDICTS) {
    verdicts.clear();
  }
  const trouble = checkPattern(source);
  verdicts.set(source, trouble);
  return trouble;
}

function readMap<T>(
  raw: unknown,
  at: Reading,
  read: (value: unknown, here: Reading) => T | undefined,
): Readonly<Record<string, T>> | undefined {
  if (!isTable(raw)) {
    return at.error(`${at.show(raw)} is not a table`);
  }
  const pairs: [string, T][] = [];
  for (const [name, value] of Object.entries(raw)) {
    const result = read(value, at.child(name));
    if (result !== undefined) {
      pairs.push([name, result]);
    }
  }
  return Object.fromEntries(pairs);
}
