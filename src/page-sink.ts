/** Takes a page as it arrives. Calls are synchronous and in order: `start` once, then `chunk` any number of times. */
export interface PageSink {
  /** Content-Type of the answer as sent, undefined where there was none. */
  start(contentType: string | undefined): void;
  /**
   * `bytes` is decompressed text, valid during the call only. Returning a reason ends the page there: the request is
   * cut and that reason is the outcome.
   */
  chunk(bytes: Uint8Array): PageStop | undefined;
  /** Asked after each chunk: a promise pauses the body until it resolves (the way out is full). */
  ready(): Promise<void> | undefined;
}

/** Why the receiver wants no more of a page. */
export type PageStop =
  | "sample_limit"
  | "label_limit"
  | "label_name_length_limit"
  | "label_value_length_limit"
  | "content_type";
