import type { PageStop } from "../page-sink.ts";

/** Why a page could not be had whole. Literal reasons: they are metric labels and stable. */
export type FetchFailure =
  | "bad_url"
  | "bad_header"
  | "dns"
  | "connect_refused"
  | "connect_timeout"
  | "connect_failed"
  | "connection_reset"
  | "tls"
  | "tls_files"
  | "credentials"
  | "http_status"
  | "redirect"
  | "header_limit"
  | "idle_timeout"
  | "total_timeout"
  | "body_limit"
  | "decompression_ratio"
  | "content_encoding"
  | "truncated_body"
  | "protocol"
  | "file"
  | "aborted"
  | PageStop;

export type FetchOutcome =
  | {
      readonly kind: "ok";
      readonly status: number;
      readonly wireBytes: number;
      readonly bodyBytes: number;
    }
  | {
      readonly kind: "failed";
      readonly reason: FetchFailure;
      /** For people: no secret, at most 300 characters. */
      readonly detail: string;
      readonly status?: number;
      readonly wireBytes: number;
      readonly bodyBytes: number;
    };
