import type { Bearer, TlsConfig } from "../tls-config.ts";

/** How to ask for a page. Plain data: it crosses the thread boundary. */
export interface PageRequest {
  readonly url: string;
  /** Connect to this unix socket in place of the URL's host. */
  readonly udsPath?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bearer?: Bearer;
  readonly tls?: TlsConfig;
  readonly encoding: "gzip" | "identity";
}

/** `raw`: the body goes to `output` as it is, no points are made (`output`, `max_file_size`). */
export type PageSource =
  | { readonly kind: "http"; readonly request: PageRequest }
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "raw";
      readonly request: PageRequest;
      readonly output: string;
      readonly maxFileBytes: number;
    };
