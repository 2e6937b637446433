import { expect, test } from "vitest";
import { protobufPoints } from "../../../src/delivery/body/protobuf-points.ts";

function hex(lines: string): string | undefined {
  const bytes = protobufPoints(Buffer.from(lines));
  return bytes && Buffer.from(bytes).toString("hex");
}

/** The last field of a point with one field `v`, without its key: `value` encoded. */
function valueHex(value: string): string | undefined {
  const found = hex(`m v=${value} 0\n`);
  return /^0a..0a016d12..0a0176(.*)1800$/.exec(found ?? "")?.[1];
}

test("is the golden bytes of the specification, 4.6 and example D02", () => {
  const golden =
    "0a2e0a026d31120c0a04686f737440015a02683112100a0576616c756521000000000000f83f188080a8b1e39fe7cb17";
  expect(hex("m1,host=h1 value=1.5 1700000000000000000\n")).toBe(golden);
  expect(hex("m1,host=h1 value=1.5 1700000000000000000\n".repeat(2))).toBe(golden + golden);
});

test.each([
  ["3i", "1003"],
  ["0i", "1000"],
  ["-1i", "10ffffffffffffffffff01"],
  ["-9223372036854775808i", "1080808080808080808001"],
  ["18446744073709551615u", "18ffffffffffffffffff01"],
  ["1", "21000000000000f03f"],
  ["-0", "210000000000000080"],
  ["0.00000015", "2176830df4f521843e"],
  ["true", "2801"],
  ["false", "2800"],
  ['"a"', "5a0161"],
  ['""', "5a00"],
  ['"a, \\"b\\" = \\\\ ü\n"', `5a0e${Buffer.from('a, "b" = \\ ü\n').toString("hex")}`],
])("field value %s", (value, expected) => {
  expect(valueHex(value)).toBe(expected);
});

test("escapes of names, keys and tag values are undone, other backslashes stay", () => {
  const point = (name: string, key: string, value: string, field: string) => {
    const text = (tag: string, content: string) =>
      tag +
      Buffer.from([Buffer.byteLength(content)]).toString("hex") +
      Buffer.from(content).toString("hex");
    const message = (tag: string, content: string) =>
      tag + (content.length / 2).toString(16).padStart(2, "0") + content;
    const tagField = message("12", `${text("0a", key)}4001${text("5a", value)}`);
    const fieldField = message("12", `${text("0a", field)}1001`);
    return message("0a", `${text("0a", name)}${tagField}${fieldField}1805`);
  };
  expect(hex('m\\ a\\,b,k\\=1=v\\ \\,\\\\x f\\"\\ g=1i 5\n')).toBe(
    point("m a,b", "k=1", "v ,\\\\x", 'f" g'),
  );
});

test.each([
  "m",
  "m \n",
  "m v=1\n",
  "m v= 1\n",
  "m v=x 1\n",
  'm v="a 1\n',
  "m,a v=1 1\n",
  "m v=1 1",
])("%j is no line", (line) => {
  expect(hex(line)).toBeUndefined();
});
