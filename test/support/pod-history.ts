/** How long after an event the target list may be that of before. */
const SOON_MS = 1000;

/** What the target list should have been, and when: to judge a list that was asked for while things change. */
export class PodHistory {
  readonly #states: { readonly urls: string; untilMs: number }[] = [];
  readonly #pods = new Map<string, string>();
  /** While the API server is away nothing can be known of changes. */
  #blindUntilMs = 0;

  /** A pod has this target from now on; undefined: none. */
  set(name: string, url: string | undefined): void {
    const now = performance.now();
    this.#states.push({ urls: this.#now(), untilMs: now });
    while ((this.#states[0]?.untilMs ?? now) < now - 30_000) this.#states.shift();
    if (url === undefined) this.#pods.delete(name);
    else this.#pods.set(name, url);
  }

  /** What happened until now may be known later: the API server comes back just now. */
  wasBlind(): void {
    this.#blindUntilMs = performance.now();
  }

  /** Undefined: the list is right, for a moment not before `sentMs` - 1 s. Else what differs. */
  judge(urls: readonly string[], sentMs: number): string | undefined {
    const found = [...urls].sort().join(" ");
    const isRecent = ({ untilMs }: { untilMs: number }) =>
      Math.max(untilMs, this.#blindUntilMs) >= sentMs - SOON_MS;
    const fits = this.#states.some((state) => isRecent(state) && state.urls === found);
    return fits || found === this.#now() ? undefined : difference(found, this.#now());
  }

  #now(): string {
    return [...this.#pods.values()].sort().join(" ");
  }
}

function difference(found: string, expected: string): string {
  const have = new Set(found.split(" "));
  const want = new Set(expected.split(" "));
  return `missing ${[...want.difference(have)].join(" ")}; too many ${[...have.difference(want)].join(" ")}`;
}
