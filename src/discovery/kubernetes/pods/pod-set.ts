import { differs, type PodRecord } from "./pod-record.ts";
import { isBefore } from "./resource-version.ts";
import type { WatchEvent } from "./watch-event.ts";

type PodEvent = Exclude<WatchEvent, { readonly kind: "fault" }>;

/**
 * The pods of a node by uid, and up to which resource version they are known. A server can send an event a second time (a
 * watch that resumes from an old bookmark) or a bookmark that is not true: what is older than what was seen changes nothing.
 */
export class PodSet {
  readonly #node: string;
  readonly #pods = new Map<string, PodRecord>();
  /** Of the list or the last event, whichever is newer. */
  #seen = "";
  #bookmark: string | undefined;
  #distrusted = false;
  #resume: string | undefined;
  #changed = false;

  constructor(node: string) {
    this.#node = node;
  }

  get pods(): ReadonlyMap<string, PodRecord> {
    return this.#pods;
  }

  get size(): number {
    return this.#pods.size;
  }

  /** Where a watch goes on; undefined: a list is needed. */
  get version(): string | undefined {
    return this.#resume;
  }

  /** An event came that a bookmark had said would not come. */
  get distrusted(): boolean {
    return this.#distrusted;
  }

  forgetVersion(): void {
    this.#resume = undefined;
  }

  /** Whether anything changed since this was asked last. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** What a list says is all there is. True where something differs. */
  replace(pods: readonly PodRecord[], version: string): boolean {
    const listed = new Set(pods.map(({ uid }) => uid));
    for (const uid of this.#pods.keys()) {
      if (!listed.has(uid)) {
        this.#remove(uid);
      }
    }
    for (const pod of pods) {
      this.#put(pod);
    }
    this.#seen = version;
    this.#resume = version;
    this.#bookmark = undefined;
    this.#distrusted = false;
    return this.takeChanged();
  }

  apply(event: PodEvent): void {
    if (event.kind === "bookmark") {
      if (!isBefore(event.version, this.#seen)) {
        this.#bookmark = event.version;
        this.#resume = event.version;
      }
      return;
    }
    const { resourceVersion } = event.pod;
    if (isBefore(resourceVersion, this.#seen) || resourceVersion === this.#seen) {
      return;
    }
    if (this.#bookmark !== undefined && isBefore(resourceVersion, this.#bookmark)) {
      this.#distrusted = true;
    }
    this.#seen = resourceVersion;
    this.#resume = resourceVersion;
    if (event.kind === "gone") {
      this.#remove(event.pod.uid);
    } else {
      this.#put(event.pod);
    }
  }

  /** The record stays the same object as long as nothing of it changes. */
  #put(pod: PodRecord): void {
    if (pod.node !== this.#node) {
      this.#remove(pod.uid);
      return;
    }
    const known = this.#pods.get(pod.uid);
    if (known === undefined || differs(known, pod)) {
      this.#pods.set(pod.uid, pod);
      this.#changed = true;
    }
  }

  #remove(uid: string): void {
    this.#changed = this.#pods.delete(uid) || this.#changed;
  }
}
