/**
 * Bytes one side may have on their way to the other. Taking never fails and never waits by itself:
 * who took the balance below zero gets a promise and is to pause on it. So what is on its way is at
 * most the limit plus what each taker produces before it pauses.
 */
export class Credit {
  #balance: number;
  #waiting: (() => void)[] = [];

  constructor(limitBytes: number) {
    this.#balance = limitBytes;
  }

  take(bytes: number): Promise<void> | undefined {
    this.#balance -= bytes;
    if (this.#balance > 0) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    return promise;
  }

  give(bytes: number): void {
    this.#balance += bytes;
    if (this.#balance <= 0 || this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
