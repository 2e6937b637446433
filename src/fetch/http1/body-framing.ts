import { SECOND } from "../../units.ts";
import { type FetchFault, fault } from "../fetch-fault.ts";
import { type ResponseHead, withoutBlanks } from "./response-head.ts";

/** Where the body of an answer ends, and what may become of the connection then (RFC 9112, 6.3 and 9.3). */
export interface BodyFraming {
  readonly end: "length" | "chunked" | "close";
  /** For `length`; else 0. */
  readonly bytes: number;
  /** A transfer coding other than chunked lies on the body. */
  readonly coded: boolean;
  /** Milliseconds for which the connection may be kept idle; 0: it must not be used again. */
  readonly keepMs: number;
}

const KEEP_ALIVE_MS = 90 * SECOND;
/** A server's own hint (`Keep-Alive: timeout=5`) is undercut by this, so that we do not write into its closing. */
const KEEP_ALIVE_MARGIN_MS = SECOND;
const DIGITS = /^\d+$/;
const HINT = /(?:^|[,;\s])timeout\s*=\s*"?(\d+)/i;

/** For the final head of an answer to GET. */
export function framingOf(head: ResponseHead): BodyFraming | FetchFault {
  const transfer = head.fields["transfer-encoding"];
  const length = transfer === undefined ? lengthOf(head) : undefined;
  if (typeof length === "object") {
    return length;
  }
  const keepMs = keepMsOf(head);
  if (head.status === 204 || head.status === 304) {
    // A 204 that announces a body anyway may send it: into what the next request would take for its answer.
    const plain = head.status === 304 || (transfer === undefined && (length ?? 0) === 0);
    return { end: "length", bytes: 0, coded: false, keepMs: plain ? keepMs : 0 };
  }
  if (transfer !== undefined) {
    return transferFraming(head, transfer, keepMs);
  }
  return length === undefined
    ? { end: "close", bytes: 0, coded: false, keepMs: 0 }
    : { end: "length", bytes: length, coded: false, keepMs };
}

/** Chunks win over a length, but whoever sends both may mean either: the connection is not used again (RFC 9112, 6.1 and 6.3). */
function transferFraming(head: ResponseHead, transfer: string, keepMs: number): BodyFraming {
  const codings = listOf(transfer);
  const coded = codings.length !== 1 || codings[0] !== "chunked";
  const clear = !coded && head.minor === 1 && head.fields["content-length"] === undefined;
  return codings.at(-1) === "chunked"
    ? { end: "chunked", bytes: 0, coded, keepMs: clear ? keepMs : 0 }
    : { end: "close", bytes: 0, coded, keepMs: 0 };
}

/** The same length may be said several times, two lengths may not (RFC 9110, 8.6). */
function lengthOf({ fields }: ResponseHead): number | undefined | FetchFault {
  const text = fields["content-length"];
  if (text === undefined) {
    return;
  }
  const [first = "", ...others] = listOf(text);
  const bytes = Number(first);
  if (!DIGITS.test(first) || !Number.isSafeInteger(bytes)) {
    return fault("protocol", "the content length of the answer is not a number of bytes");
  }
  return others.every((other) => other === first)
    ? bytes
    : fault("protocol", "the answer has two content lengths");
}

function keepMsOf({ minor, fields }: ResponseHead): number {
  const options = fields.connection === undefined ? [] : listOf(fields.connection);
  if (options.includes("close") || (minor === 0 && !options.includes("keep-alive"))) {
    return 0;
  }
  const hint = HINT.exec(fields["keep-alive"] ?? "")?.[1];
  if (hint === undefined) {
    return KEEP_ALIVE_MS;
  }
  return Math.max(0, Math.min(KEEP_ALIVE_MS, Number(hint) * SECOND - KEEP_ALIVE_MARGIN_MS));
}

function listOf(text: string): string[] {
  return text.split(",").map((part) => withoutBlanks(part).toLowerCase());
}
