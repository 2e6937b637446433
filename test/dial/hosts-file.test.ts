import { expect, test } from "vitest";
import { parseHosts } from "../../src/dial/hosts-file.ts";

test.for<readonly [string, string, Readonly<Record<string, readonly string[]>>]>([
  ["an empty file", "", {}],
  [
    "a name and its aliases",
    "10.0.0.1 db.test db\n",
    { "db.test": ["10.0.0.1"], db: ["10.0.0.1"] },
  ],
  [
    "both families, in the order of the file",
    "fd00::1 db\n10.0.0.1 db\nfd00::1 db\n",
    { db: ["fd00::1", "10.0.0.1"] },
  ],
  ["an address with a zone", "fe80::1%eth0 gate\n", { gate: ["fe80::1%eth0"] }],
  [
    "comments, CR LF and tabs",
    "# 10.0.0.9 x\r\n\t10.0.0.1\tdb # the first\r\n",
    { db: ["10.0.0.1"] },
  ],
  ["capitals and the dot of the root", "10.0.0.1 DB.Test.\n", { "db.test": ["10.0.0.1"] }],
  [
    "lines that are none",
    "10.0.0 a\n10.0.0.256 b\nc 10.0.0.1\n10.0.0.1\n:: d e\n\n",
    { d: ["::"], e: ["::"] },
  ],
  ["a name such as __proto__", "10.0.0.1 __proto__\n", { ["__proto__"]: ["10.0.0.1"] }],
])("%s", ([, text, expected]) => {
  expect([...parseHosts(text)]).toEqual(Object.entries(expected));
});

test("of a name with very many addresses, the first 64 are kept", () => {
  const text = Array.from({ length: 200 }, (_, at) => `10.0.0.${at} many`).join("\n");
  expect(parseHosts(text).get("many")).toHaveLength(64);
});
