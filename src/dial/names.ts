/** What became of a lookup. `ENOTFOUND`: there is no such name; `EAI_AGAIN`: nobody could say. */
export type NameAnswer =
  | { readonly kind: "addresses"; readonly addresses: readonly string[] }
  | {
      readonly kind: "fault";
      readonly code: "ENOTFOUND" | "EAI_AGAIN";
      /** For people: the name, and why it has no address. */
      readonly detail: string;
    };

/** Turns names of hosts into addresses. */
export interface Names {
  /** In the order in which they are to be tried. Never rejects, and always ends by itself. */
  lookup(host: string): Promise<NameAnswer>;
  /** A connection was made to `address`, which was not the first of `host`: from now on it is tried first. */
  worked(host: string, address: string): void;
  /** None of the addresses of `host` could be connected to: it may have moved. */
  failed(host: string): void;
}

/** A lookup came to nothing. */
export class NameError extends Error {
  readonly code: "ENOTFOUND" | "EAI_AGAIN";

  constructor(code: "ENOTFOUND" | "EAI_AGAIN", detail: string) {
    super(detail);
    this.code = code;
  }
}
