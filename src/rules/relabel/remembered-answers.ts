/** Texts whose answer is remembered; past it the memory starts over. */
const MAX_REMEMBERED = 1024;

/** Answers to one question about texts, the last ones of them. */
export class RememberedAnswers<T> {
  readonly #answers = new Map<string, T>();

  get(text: string): T | undefined {
    return this.#answers.get(text);
  }

  set(text: string, answer: T): void {
    if (this.#answers.size >= MAX_REMEMBERED) {
      this.#answers.clear();
    }
    this.#answers.set(text, answer);
  }
}
