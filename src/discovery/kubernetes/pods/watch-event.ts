import { type ApiFault, apiFault, statusFault } from "../api/api-fault.ts";
import { type PodRecord, type PodSelection, podRecordOf } from "./pod-record.ts";

/** One event of a watch. A pod that leaves the selection is `DELETED` for us. */
export type WatchEvent =
  | { readonly kind: "present"; readonly pod: PodRecord }
  | { readonly kind: "gone"; readonly pod: PodRecord }
  /** Nothing happened up to this version. */
  | { readonly kind: "bookmark"; readonly version: string }
  /** An ERROR event: the watch is over. */
  | ApiFault;

/** Reads one line of a watch. */
export function readWatchEvent(line: string, selection: PodSelection): WatchEvent {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    return apiFault("protocol", "an event of the watch is not JSON");
  }
  const type = field(raw, "type");
  const object = field(raw, "object");
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED": {
      const pod = podRecordOf(object, selection);
      return pod === undefined
        ? apiFault("protocol", `an event ${type} without a pod`)
        : { kind: type === "DELETED" ? "gone" : "present", pod };
    }
    case "BOOKMARK": {
      const version = field(field(object, "metadata"), "resourceVersion");
      return typeof version === "string" && version !== ""
        ? { kind: "bookmark", version }
        : apiFault("protocol", "a bookmark without a resource version");
    }
    case "ERROR": {
      const code = field(object, "code");
      const message = field(object, "message");
      return statusFault(
        typeof code === "number" ? code : 500,
        typeof message === "string" ? message : "",
      );
    }
    default:
      return apiFault("protocol", "an event of a type that is unknown");
  }
}

function field(raw: unknown, name: string): unknown {
  return typeof raw === "object" && raw !== null ? Reflect.get(raw, name) : undefined;
}
