import type { Dialect } from "./dialect.ts";

/**
 * The dialect of a page by its Content-Type. What is missing, malformed or unknown is read as text:
 * exporters that name the wrong type or none are common, and a page that is not text shows as
 * malformed lines. `unsupported`: protobuf, which has no lines and is never asked for.
 */
export function dialectOf(contentType: string | undefined): Dialect | "unsupported" {
  const mediaType = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase();
  switch (mediaType) {
    case "application/openmetrics-text":
      return "openmetrics";
    case "application/vnd.google.protobuf":
    case "application/x-protobuf":
    case "application/protobuf":
      return "unsupported";
    default:
      return "text";
  }
}
