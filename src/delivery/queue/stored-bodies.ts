import type { Category, Payload } from "../../payload.ts";
import type { Stretch } from "../../spool/segment.ts";
import { recordBytes, type StoredRecord } from "../../spool/segment-format.ts";
import type { Body } from "../body/body.ts";
import { StoredBody, type WriteRefusal } from "./stored-body.ts";

/** A record that is to be written, and the body it is part of. */
export interface Due {
  readonly stored: StoredBody;
  readonly record: StoredRecord;
}

/** Of records in one append: their encoded form is in memory beside them. */
const APPEND_BYTES = 4 * 1024 * 1024;

/** The bodies of one category that are in memory, and which of them only memory holds. */
export class StoredBodies {
  readonly #bodies = new Map<string, StoredBody>();
  /** In order of arrival. */
  readonly #unwritten = new Set<StoredBody>();

  get unwritten(): number {
    return this.#unwritten.size;
  }

  add(id: string, payload: Payload, atMs: number, users: readonly string[]): void {
    const stored =
      this.#bodies.get(id) ?? this.#keep(id, new StoredBody(id, payload.category, atMs, users));
    this.#unwritten.add(stored);
    stored.add(payload, atMs);
  }

  /** What is stored of a body that is complete. */
  close(body: Body): StoredBody {
    const stored = this.#bodies.get(body.id);
    if (stored === undefined) {
      throw new Error(`body ${body.id} was never begun`);
    }
    stored.close(body);
    this.settleWritten(stored);
    return stored;
  }

  /** A body that one destination has read from disk, where it is no more. */
  adopt(user: string, category: Category, body: Body, atMs: number): StoredBody {
    const stored = new StoredBody(body.id, category, atMs, [user]);
    stored.close(body);
    this.#unwritten.add(stored);
    return this.#keep(ownKey(user, body.id), stored);
  }

  /** That destination does not have it in memory any more. */
  release(user: string, stored: StoredBody): void {
    stored.holders.delete(user);
    if (stored.holders.size === 0) {
      for (const key of [stored.id, ownKey(user, stored.id)]) {
        if (this.#bodies.get(key) === stored) {
          this.#bodies.delete(key);
        }
      }
      this.#unwritten.delete(stored);
    }
  }

  settleWritten(stored: StoredBody): void {
    if (stored.isWritten) {
      this.#unwritten.delete(stored);
    }
  }

  /** Records that came until then, of bodies that are refused so, for one append. */
  due(untilMs: number, refused: WriteRefusal | undefined): Due[] {
    const batch: Due[] = [];
    let bytes = 0;
    for (const stored of this.#unwritten) {
      if (stored.refused !== refused) {
        continue;
      }
      for (const record of stored.records(untilMs)) {
        batch.push({ stored, record });
        bytes += recordBytes(record);
      }
      if (bytes >= APPEND_BYTES) {
        break;
      }
    }
    return batch;
  }

  /**
   * Copies of which `lapses` is true do not count any more, and their bodies are to be written before others. Gives each of them
   * with what it had on disk from the first such copy on.
   */
  takeBack(
    lapses: (stretch: Stretch) => boolean,
  ): { readonly stored: StoredBody; readonly back: readonly Stretch[] }[] {
    const again = [...this.#bodies.values()]
      .map((stored) => ({ stored, back: stored.takeBack(lapses) }))
      .filter(({ back }) => back.length > 0);
    const later = [...this.#unwritten];
    this.#unwritten.clear();
    for (const stored of [...again.map((one) => one.stored), ...later]) {
      this.#unwritten.add(stored);
    }
    return again;
  }

  #keep(key: string, stored: StoredBody): StoredBody {
    this.#bodies.set(key, stored);
    return stored;
  }
}

export function bytesOf(batch: readonly Due[]): number {
  return batch.reduce((all, { record }) => all + recordBytes(record), 0);
}

/** The bodies at the start of a batch that fit into so many bytes. */
export function wholeBodies(batch: readonly Due[], bytes: number): readonly Due[] {
  let [used, whole] = [0, 0];
  for (const [index, { stored, record }] of batch.entries()) {
    used += recordBytes(record);
    if (used > bytes) {
      break;
    }
    whole = batch[index + 1]?.stored === stored ? whole : index + 1;
  }
  return batch.slice(0, whole);
}

/** Destinations that read the same body have copies of their own. */
function ownKey(user: string, id: string): string {
  return `${id} of ${user}`;
}
