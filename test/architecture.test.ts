import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SRC = fileURLToPath(new URL("../src", import.meta.url));

/** Which rooms, packages and `node:` modules a room may import; every room may import the floor. */
const ROOMS: Record<string, { rooms: string[]; packages: string[]; node: boolean }> = {
  exposition: { rooms: [], packages: [], node: false },
  rules: { rooms: ["exposition"], packages: ["re2js"], node: false },
  lineprotocol: { rooms: [], packages: [], node: false },
  replay: { rooms: [], packages: [], node: false },
  deflate: { rooms: [], packages: [], node: false },
  inflate: { rooms: [], packages: [], node: false },
  dial: { rooms: [], packages: ["undici"], node: true },
  tls: { rooms: [], packages: [], node: true },
  fetch: { rooms: ["dial", "inflate", "tls"], packages: [], node: true },
  points: { rooms: ["exposition", "rules", "lineprotocol", "deflate"], packages: [], node: true },
  recall: { rooms: ["exposition", "rules", "points", "replay"], packages: [], node: true },
  scrape: {
    rooms: ["exposition", "rules", "replay", "dial", "fetch", "points", "recall"],
    packages: [],
    node: true,
  },
  lanes: { rooms: ["dial", "points", "scrape"], packages: ["piscina"], node: true },
  spool: { rooms: [], packages: [], node: true },
  delivery: { rooms: ["dial", "spool", "tls"], packages: ["undici"], node: true },
  config: {
    rooms: ["rules", "tls"],
    packages: ["@iarna/toml", "fastest-levenshtein", "yaml"],
    node: true,
  },
  discovery: { rooms: ["config", "dial", "tls"], packages: ["undici", "yaml"], node: true },
  telemetry: { rooms: [], packages: ["pino", "prom-client"], node: true },
  agent: {
    rooms: [
      ...["rules", "fetch", "points", "recall", "scrape", "lanes"],
      ...["delivery", "config", "discovery", "telemetry"],
    ],
    packages: [],
    node: true,
  },
  cli: {
    rooms: ["agent", "config", "spool", "tls"],
    packages: ["fastest-levenshtein"],
    node: true,
  },
};
const MAIN = { rooms: ["cli", "agent"], packages: [], node: true };

interface Import {
  readonly file: string;
  readonly room: string;
  readonly specifier: string;
}

const imports: Import[] = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => {
    const room = file.includes("/") ? (file.split("/")[0] as string) : "";
    const text = readFileSync(join(SRC, file), "utf8");
    const specifiers = text.matchAll(
      /(?:^|\n)(?:import|export)\s[^;"]*?from\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s+"([^"]+)"/g,
    );
    return [...specifiers].map((match) => ({
      file,
      room,
      specifier: (match[1] ?? match[2] ?? match[3]) as string,
    }));
  });

/** Room that a relative import leads to, empty for the floor. */
function roomOf({ file, specifier }: Import): string {
  const path = relative(SRC, normalize(join(SRC, dirname(file), specifier)));
  return path.includes("/") ? (path.split("/")[0] as string) : "";
}

function forbidden(entry: Import): boolean {
  const { room, file, specifier } = entry;
  const allowed = room === "" ? floorRules(file) : ROOMS[room];
  if (allowed === undefined) {
    return true;
  }
  if (specifier.startsWith("node:")) {
    return !allowed.node;
  }
  if (!specifier.startsWith(".")) {
    return !allowed.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  }
  const to = roomOf(entry);
  return to !== "" && to !== room && !allowed.rooms.includes(to);
}

function floorRules(file: string) {
  return file === "main.ts" ? MAIN : { rooms: [], packages: [], node: true };
}

test("there are imports to judge", () => {
  expect(imports.length).toBeGreaterThan(100);
});

test("rooms import downward only, and only their packages", () => {
  const wrong = imports.filter(forbidden).map(({ file, specifier }) => `${file}: ${specifier}`);
  expect(wrong).toEqual([]);
});

test("the floor imports nothing of a room", () => {
  const wrong = imports
    .filter((entry) => entry.room === "" && entry.file !== "main.ts")
    .filter((entry) => entry.specifier.startsWith(".") && roomOf(entry) !== "");
  expect(wrong).toEqual([]);
});

/** Files a folder may hold: beyond that nobody finds anything in it, and it gets sub-rooms. */
const FOLDER_FILES = 24;

test("no folder holds more files than a reader can survey", () => {
  const files = readdirSync(SRC, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const folders = Map.groupBy(files, (entry) => relative(SRC, entry.parentPath));
  const crowded = [...folders].filter(([, entries]) => entries.length > FOLDER_FILES);
  expect(crowded.map(([folder, entries]) => `${folder}: ${entries.length}`)).toEqual([]);
});

test("the process ends in main.ts only", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  const ending = files.filter(
    (file) =>
      file.endsWith(".ts") && /\bprocess\.exit\(/.test(readFileSync(join(SRC, file), "utf8")),
  );
  expect(ending.filter((file) => file !== "main.ts")).toEqual([]);
});

test("what costs memory as a whole is imported by the part", () => {
  // docs/decisions/resident-memory.md. Types cost nothing.
  const wholes =
    /(?:^|\n)import (?!type )[^;"]*?from "(?:node:http|node:https|prom-client|undici)"/;
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  const wrong = files.filter(
    (file) =>
      file.endsWith(".ts") &&
      !file.endsWith(".d.ts") &&
      wholes.test(readFileSync(join(SRC, file), "utf8")),
  );
  expect(wrong).toEqual([]);
});
