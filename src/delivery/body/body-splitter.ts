import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { minus, shareOf, sum, type Tally } from "../../tally.ts";
import { type Body, type Member, withSinkTags } from "./body.ts";
import { cutLines } from "./line-cut.ts";

const inflate = promisify(gunzip);
const deflate = promisify(gzip);

export type Inflated =
  | { readonly kind: "text"; readonly text: Uint8Array }
  | { readonly kind: "corrupt"; readonly detail: string };

/** The line protocol of a gzip stream that says it holds `bytes` of it; one that holds another number is corrupt. */
export async function inflateExactly(compressed: Uint8Array, bytes: number): Promise<Inflated> {
  try {
    const text = await inflate(compressed, { maxOutputLength: bytes + 1 });
    return text.byteLength === bytes
      ? { kind: "text", text }
      : { kind: "corrupt", detail: `${text.byteLength} bytes in place of ${bytes}` };
  } catch (error) {
    return { kind: "corrupt", detail: error instanceof Error ? error.message : String(error) };
  }
}

export type Split =
  | { readonly kind: "parts"; readonly parts: readonly Body[] }
  /** One line that cannot be cut. */
  | { readonly kind: "single" }
  | { readonly kind: "corrupt"; readonly detail: string };

/**
 * Cuts a body into bodies of at most `most` bytes of line protocol. Between members where that is enough, so that their bytes
 * stay as they are; a body of one member is opened, cut at line ends and compressed anew, the only place where that happens. A
 * line longer than `most` becomes a body of its own.
 */
export async function splitBody(body: Body, most: number, nextId: () => string): Promise<Split> {
  return body.members.length > 1
    ? { kind: "parts", parts: cutBetweenMembers(body, most, nextId) }
    : cutWithinMember(body, most, nextId);
}

function cutBetweenMembers(body: Body, most: number, nextId: () => string): Body[] {
  const parts: Body[] = [];
  let from = 0;
  let to = 0;
  let members: Member[] = [];
  let bytes = 0;
  const close = () => {
    if (members.length > 0) {
      parts.push(partOf(body, nextId(), body.gzip.subarray(from, to), members));
    }
    from = to;
    members = [];
    bytes = 0;
  };
  for (const member of body.members) {
    if (bytes + member.tally.bytes > most) {
      close();
    }
    members.push(member);
    bytes += member.tally.bytes;
    to += member.gzipBytes;
  }
  close();
  return parts;
}

async function cutWithinMember(body: Body, most: number, nextId: () => string): Promise<Split> {
  const inflated = await inflateExactly(body.gzip, body.tally.bytes);
  if (inflated.kind === "corrupt") {
    return inflated;
  }
  const { text } = inflated;
  const cuts = [...cutLines(text, most, body.category)];
  if (cuts.length <= 1) {
    return { kind: "single" };
  }
  const parts: Body[] = [];
  let rest = body.tally;
  for (const [index, cut] of cuts.entries()) {
    // What was announced is handed on whole, so the last part takes the remainder and the ledger balances.
    const last = index === cuts.length - 1;
    const tally = last ? rest : partTally(rest, cut.lines, cut.to - cut.from, index === 0);
    rest = minus(rest, tally);
    const compressed = await deflate(text.subarray(cut.from, cut.to), { level: 1 });
    parts.push(partOf(body, nextId(), compressed, [{ gzipBytes: compressed.byteLength, tally }]));
  }
  return { kind: "parts", parts };
}

function partTally(rest: Tally, lines: number, bytes: number, first: boolean): Tally {
  const share = shareOf(rest, lines);
  return { ...share, payloads: first ? rest.payloads : 0, bytes };
}

function partOf(body: Body, id: string, compressed: Uint8Array, members: readonly Member[]): Body {
  return {
    id,
    category: body.category,
    gzip: compressed,
    members,
    tally: sum(members.map((member) => member.tally)),
    ...withSinkTags(body.sinkTags),
  };
}
