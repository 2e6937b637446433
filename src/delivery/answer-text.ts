import type { Dispatcher } from "undici";
import { KIB } from "../units.ts";

/** As much of an answer is looked at. */
const ANSWER_READ = 4 * KIB;
/** As much is read so that the connection can be used again; a longer answer costs the connection. */
const ANSWER_DRAINED = 64 * KIB;

/** The start of the answer's body. The status is what counts: a body cut short, or never ending, changes nothing. */
export async function answerText(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const kept: Uint8Array[] = [];
  let read = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      if (read < ANSWER_READ) {
        // Chunks are views on the socket's memory.
        kept.push(Uint8Array.from(chunk.subarray(0, ANSWER_READ - read)));
      }
      read += chunk.byteLength;
      if (read > ANSWER_DRAINED) {
        break;
      }
    }
  } catch {
    // What came is all there is.
  }
  return Buffer.concat(kept).toString("utf8");
}
