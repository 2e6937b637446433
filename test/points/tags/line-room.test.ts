import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { PageTransform } from "../../../src/points/page-transform.ts";
import { PayloadWriter } from "../../../src/points/payload-writer.ts";
import { LineRoom } from "../../../src/points/tags/line-room.ts";
import { compileRules } from "../../../src/rules/rules-program.ts";
import { rulesConfig } from "../../support/rules-config.ts";

const LIMITS = { lineBytes: 1024, labelsPerLine: 8, samples: 1000 };

interface Reading {
  readonly page: Uint8Array;
  readonly transform: PageTransform;
  readonly output: PayloadWriter;
  lines: string;
}

function reading(page: string, addedTag: string, room: LineRoom): Reading {
  const rules = rulesConfig({ addedTags: [["from", addedTag]] });
  const transform = new PageTransform(compileRules(rules).program, LIMITS, room);
  const made = {
    page: Buffer.from(page),
    transform,
    output: new PayloadWriter(),
    lines: "",
  };
  made.output.begin("metric", ({ gzip }) => {
    made.lines += gunzipSync(gzip).toString();
    return undefined;
  });
  transform.begin("text", 1_700_000_000_000, made.output);
  return made;
}

/** Both pages, `chunk` bytes of one, then of the other. */
function inTurns(one: Reading, other: Reading, chunk: number): string[] {
  for (let at = 0; at < Math.max(one.page.length, other.page.length); at += chunk) {
    for (const { page, transform } of [one, other]) {
      transform.push(page.subarray(at, at + chunk));
    }
  }
  return [one, other].map((each) => {
    each.transform.end(true);
    each.output.flush(each.transform.counts);
    return each.lines;
  });
}

const ONE = '# TYPE a_h histogram\na_h_sum{x="1"} 2\na_h_count{x="1"} 3\na_g{z="1",y="\\n"} 4\n';
const OTHER = '# TYPE b_info info\nb_info{v="7"} 1\nb_c{l1="1",l2="2",l3="3"} 5\nb_c{} 6\n';

test.each([1, 3, 7, 20, 1000])(
  "pages that share a room come out as with one each, %i bytes at a time",
  (chunk) => {
    const room = new LineRoom(LIMITS.labelsPerLine);
    const shared = inTurns(reading(ONE, "one", room), reading(OTHER, "other", room), chunk);
    const alone = inTurns(
      reading(ONE, "one", new LineRoom(LIMITS.labelsPerLine)),
      reading(OTHER, "other", new LineRoom(LIMITS.labelsPerLine)),
      chunk,
    );
    expect(shared).toEqual(alone);
    expect(shared[1]).toContain("b,from=other,v=7 c=6");
  },
);

test("slots are shared as long as they are enough", () => {
  const room = new LineRoom(8);
  const small = room.slots(10);
  expect(room.slots(9)).toBe(small);
  const large = room.slots(11);
  expect(large).not.toBe(small);
  expect(room.slots(10)).toBe(large);
});
