import { describe, expect, test } from "vitest";
import { countLineProtocol } from "../../../native-bench/servers/line-protocol-count.ts";
import { countRemoteWrite } from "../../../native-bench/servers/remote-write-count.ts";
import { snappyDecompress } from "../../../native-bench/servers/snappy.ts";

describe("line protocol", () => {
  test.each([
    ["m,a=b f=1 1700000000000000000\n", 1, 0],
    ["m f=1 17", 1, 0],
    ["m,a=b f_sum=1.5,f_count=3 17\n", 2, 0],
    ["m,a=b\\ c,d=e\\,f f\\ x=1 17\nm f=2 17\n", 2, 0],
    ["collector,instance=x up=1i 17\nm f=2 17\n", 1, 1],
    ["\n\n", 0, 0],
  ])("%j has %i samples and %i of the agent's own", (text, samples, ownSamples) => {
    expect(countLineProtocol(Buffer.from(text))).toEqual({ samples, ownSamples, staleMarkers: 0 });
  });

  test("a line without fields is refused", () => {
    expect(() => countLineProtocol(Buffer.from("nonsense\n"))).toThrow(RangeError);
  });
});

describe("remote write", () => {
  const stale = Buffer.from("0200000000 00f07f".replace(" ", ""), "hex");
  test("counts samples, stale markers and the agent's own apart", () => {
    const body = Buffer.concat([
      series("requests_total", [1, 2]),
      series("up", [1]),
      series("scrape_duration_seconds", [0.5]),
      series("gone", [stale]),
      field(0x1a, Buffer.from("metadata is passed over")),
    ]);
    expect(countRemoteWrite(body)).toEqual({ samples: 2, ownSamples: 2, staleMarkers: 1 });
  });

  test("a message that ends too early is refused", () => {
    const body = series("requests_total", [1]);
    expect(() => countRemoteWrite(body.subarray(0, body.length - 3))).toThrow(RangeError);
  });
});

describe("snappy", () => {
  test.each([
    ["a literal", "0b28 68656c6c6f20776f726c64", "hello world"],
    ["a copy that reaches into itself", "0a 0061 1501", "aaaaaaaaaa"],
    ["a copy with two bytes of distance", "08 0c61626364 0e0400", "abcdabcd"],
  ])("%s", (_, block, text) => {
    expect(snappyDecompress(bytes(block)).toString()).toBe(text);
  });

  test.each([
    ["a copy from before the start", "08 0c61626364 0e0900"],
    ["a literal beyond the block", "0b28 6865"],
    ["less text than announced", "0c28 68656c6c6f20776f726c64"],
  ])("%s is refused", (_, block) => {
    expect(() => snappyDecompress(bytes(block))).toThrow(RangeError);
  });
});

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

function series(name: string, values: readonly (number | Buffer)[]): Buffer {
  const label = Buffer.concat([
    field(0x0a, Buffer.from("__name__")),
    field(0x12, Buffer.from(name)),
  ]);
  const samples = values.map((value) => {
    const double = Buffer.alloc(8);
    double.writeDoubleLE(typeof value === "number" ? value : 0);
    const sample = typeof value === "number" ? double : value;
    return field(0x12, Buffer.concat([Buffer.from([0x09]), sample, Buffer.from([0x10, 0x01])]));
  });
  return field(0x0a, Buffer.concat([field(0x0a, label), ...samples]));
}

/** A length-delimited field of less than 128 bytes. */
function field(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}
