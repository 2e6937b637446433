import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { promSchema } from "../src/config/input/prom-schema.ts";
import type { Schema } from "../src/config/language/schema.ts";
import { agentSchema } from "../src/config/settings/agent-schema.ts";

const SRC = fileURLToPath(new URL("../src", import.meta.url));
const ROOT = fileURLToPath(new URL("..", import.meta.url));

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

/** The file below `src` that a relative import leads to. */
function targetOf({ file, specifier }: Import): string {
  return relative(SRC, normalize(join(SRC, dirname(file), specifier)));
}

/** Room that a relative import leads to, empty for the floor. */
function roomOf(entry: Import): string {
  const path = targetOf(entry);
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

/** The first circle that a walk along the imports finds, as the files it passes. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) {
      return [...path.slice(path.indexOf(file)), file];
    }
    if (done.has(file)) {
      return [];
    }
    for (const next of graph.get(file) ?? []) {
      const circle = walk(next, [...path, file]);
      if (circle.length > 0) {
        return circle;
      }
    }
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const circle = walk(file, []);
    if (circle.length > 0) {
      return circle;
    }
  }
  return [];
}

test("a circle is found", () => {
  const graph = { a: ["b"], b: ["c"], c: ["d", "b"], d: [] };
  expect(circleIn(new Map(Object.entries(graph)))).toEqual(["b", "c", "b"]);
});

test("no files import each other in a circle, types included", () => {
  const own = imports.filter(({ specifier }) => specifier.startsWith("."));
  const byFile = Map.groupBy(own, ({ file }) => file);
  const graph = new Map([...byFile].map(([file, entries]) => [file, entries.map(targetOf)]));
  expect(circleIn(graph)).toEqual([]);
});

const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), "utf8") }));

test("a name is exported by one file only", () => {
  const names = sources.flatMap(({ file, text }) => {
    const declared = text.matchAll(
      /^export (?:async )?(?:const|let|function\*?|class|interface|type) (\w+)/gm,
    );
    // Overloads of a function are one name.
    return [...new Set([...declared].map(([, name]) => name as string))].map((name) => ({
      name,
      file,
    }));
  });
  expect(names.length).toBeGreaterThan(300);
  const twice = [...Map.groupBy(names, ({ name }) => name)].filter(([, files]) => files.length > 1);
  expect(twice.map(([name, files]) => `${name}: ${files.map(({ file }) => file)}`)).toEqual([]);
});

/** Longer files have a test of their own name; so has each class. */
const TESTED_LINES = 150;

/** Files without one so far. The list may only shrink: take out what has got its test. */
const UNTESTED = new Set([
  "agent/agent.ts",
  "agent/delivery-reporter.ts",
  "agent/pod-source.ts",
  "agent/targets/target-change.ts",
  "config/input/prom-schema.ts",
  "config/input/prom-table.ts",
  "config/input/prom-tls.ts",
  "config/language/reading.ts",
  "config/settings/agent-schema.ts",
  "config/settings/destinations.ts",
  "delivery/aside.ts",
  "delivery/bell.ts",
  "delivery/body/batcher.ts",
  "delivery/body/memory-meter.ts",
  "delivery/destination-record.ts",
  "delivery/hand.ts",
  "delivery/notice-throttle.ts",
  "delivery/queue/disk-bounds.ts",
  "delivery/queue/disk-queue.ts",
  "delivery/queue/rate-limit.ts",
  "delivery/queue/stored-bodies.ts",
  "delivery/queue/stored-body.ts",
  "delivery/queue/unreadable-files.ts",
  "dial/undici-dialer.ts",
  "discovery/kubernetes/api/api-exchange.ts",
  "discovery/kubernetes/claims/refusal-events.ts",
  "fetch/gzip-header.ts",
  "lanes/lane-place.ts",
  "points/line-outcome.ts",
  "recall/page-place.ts",
  "recall/passed-types.ts",
  "replay/kernel-records.ts",
  "spool/position-file.ts",
  "spool/segment-file.ts",
  "spool/segment-format.ts",
  "spool/segment-reader.ts",
  "tls/server-name.ts",
]);

test("each class and each long file has a test of its own name", () => {
  const tests = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" });
  const tested = new Set(tests.map((file) => (file.split("/").at(-1) as string).split(".")[0]));
  const untested = sources
    .filter(
      ({ text }) => text.split("\n").length - 1 > TESTED_LINES || /^(?:export )?class /m.test(text),
    )
    .map(({ file }) => file)
    .filter((file) => !tested.has((file.split("/").at(-1) as string).replace(/\.ts$/, "")));
  expect(untested.filter((file) => !UNTESTED.has(file))).toEqual([]);
});

function markdownIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
}

/** Names in documents that stand for a file of the reader's. */
const EXAMPLES = ["test/config/input/golden/NAME.conf", "./name.ts"];

/** Files that a document names: in code with an ending of ours, and as links. Relative to `src`, to its end, or to the document. */
function filesNamedIn(text: string): string[] {
  const inCode = text.matchAll(/`([\w./-]+\.(?:ts|as|sh|md|json))\b/g);
  const links = text.matchAll(/\]\((?![a-z]+:|#)([^)#]+)/g);
  return [...inCode, ...links].map(([, name]) => name as string);
}

test("every file that a document names exists", () => {
  const documents = [".", "docs", "docs/decisions"].flatMap(markdownIn);
  const all = ["src", "test", "scripts", "native-bench", "docs", "charts", "deploy", ".ci"].flatMap(
    (folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map(
        (file) => `/${folder}/${file}`,
      ),
  );
  const top = readdirSync(ROOT).map((file) => `/${file}`);
  const exists = (document: string, name: string) =>
    [...top, ...all].some((file) => file.endsWith(`/${name.replace(/\/$/, "")}`)) ||
    existsSync(join(ROOT, dirname(document), name));
  const missing = documents.flatMap((document) =>
    filesNamedIn(readFileSync(join(ROOT, document), "utf8"))
      .filter((name) => !EXAMPLES.includes(name) && !exists(document, name))
      .map((name) => `${document}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test("ARCHITECTURE.md has one line for each room and sub-room", () => {
  const text = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
  const rooms = readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative(SRC, join(entry.parentPath, entry.name)));
  const lines = [...text.matchAll(/^\| `([\w/]+)\/` \|/gm)].map(([, room]) => room as string);
  expect(lines.toSorted()).toEqual(rooms.toSorted());
});

function pathsOf(schema: Schema, prefix: string): string[] {
  return Object.entries(schema).flatMap(([name, { type }]) => [
    `${prefix}${name}`,
    ...pathsOf(type.keys ?? {}, `${prefix}${name}.`),
  ]);
}

test("docs/configuration.md says something about each key", () => {
  const page = readFileSync(join(ROOT, "docs/configuration.md"), "utf8");
  const rows = new Set(
    [...page.matchAll(/^\| `([\w.]+)` \|.*\| \S.*\|$/gm)].map(([, path]) => path),
  );
  const keys = [...pathsOf(promSchema, ""), ...pathsOf(agentSchema, "")];
  expect(keys.length).toBeGreaterThan(100);
  expect(keys.filter((path) => !rows.has(path))).toEqual([]);
});
