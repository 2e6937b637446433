import type { Category, Payload } from "../../payload.ts";
import { sum, type Tally } from "../../tally.ts";

/** One gzip member inside a body: the stretch of compressed bytes it covers and what is in it. */
export interface Member {
  readonly gzipBytes: number;
  readonly tally: Tally;
}

/**
 * What is sent in one request: gzip members of one category and sinker group, joined byte for byte. A body is never changed: it has the same
 * bytes and the same id however often and to however many destinations it is sent.
 */
export interface Body {
  readonly id: string;
  readonly category: Category;
  /** The members one after the other, themselves a gzip stream (RFC 1952, 2.2). */
  readonly gzip: Uint8Array;
  readonly members: readonly Member[];
  /** The sum over the members; `bytes` is the length of the line protocol. */
  readonly tally: Tally;
  /** Of its payloads, which agree in it. */
  readonly sinkTags?: string;
}

/** What an object and its table of members cost beside the compressed bytes: about right is enough for a bound. */
const OVERHEAD_BODY = 256;
const OVERHEAD_MEMBER = 96;

export function joinPayloads(id: string, payloads: readonly Payload[]): Body {
  const members = payloads.map((payload) => ({
    gzipBytes: payload.gzip.byteLength,
    tally: payloadTally(payload),
  }));
  return {
    id,
    category: payloads[0]?.category ?? "metric",
    gzip: Buffer.concat(payloads.map((payload) => payload.gzip)),
    members,
    tally: sum(members.map((member) => member.tally)),
    ...withSinkTags(payloads[0]?.sinkTags),
  };
}

/** To be spread into what has them, where there are any. */
export function withSinkTags(sinkTags: string | undefined): { readonly sinkTags?: string } {
  return sinkTags === undefined ? {} : { sinkTags };
}

export function payloadTally(payload: Payload): Tally {
  return {
    payloads: 1,
    points: payload.points,
    samples: payload.samples,
    bytes: payload.rawBytes,
  };
}

/** Bytes of memory a body holds. */
export function heldBytes(body: Body): number {
  const { gzip, members, sinkTags = "" } = body;
  return gzip.byteLength + sinkTags.length + OVERHEAD_BODY + members.length * OVERHEAD_MEMBER;
}

/** Bytes of memory a payload will hold in a body, its share of the body's overhead included. */
export function payloadHeldBytes(payload: Payload): number {
  const { gzip, sinkTags = "" } = payload;
  return gzip.byteLength + sinkTags.length + OVERHEAD_BODY + OVERHEAD_MEMBER;
}
