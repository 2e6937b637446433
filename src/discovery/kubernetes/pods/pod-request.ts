import { MIB, SECOND } from "../../../units.ts";
import type { ApiAccess } from "../api/api-access.ts";
import { type ApiTimeouts, BodyText, callApi } from "../api/api-client.ts";
import { type ApiFault, apiFault } from "../api/api-fault.ts";
import type { PodRecord, PodSelection } from "./pod-record.ts";
import { podRecordOf } from "./pod-record.ts";

/** All pods of the node at one resource version. */
export interface PodList {
  readonly kind: "list";
  readonly version: string;
  readonly pods: readonly PodRecord[];
}

/** Pods in one page of a list: a page of large pods is a few MB. */
const PAGE_PODS = 100;
const MAX_PAGE_BYTES = 64 * MIB;
/** 100,000 pods on a node: a server that never ends its list. */
const MAX_PAGES = 1000;
const LIST_SILENCE_MS = 10 * SECOND;

/**
 * Lists the pods of the node page by page. Without a resource version, so that the server answers with what is true now: a
 * list from another server's cache could take us back in time. A list that expires between two pages is `gone`.
 */
export async function listPods(
  access: ApiAccess,
  node: string,
  selection: PodSelection,
  timeouts: Omit<ApiTimeouts, "silenceMs">,
  signal: AbortSignal,
): Promise<PodList | ApiFault> {
  const pods: PodRecord[] = [];
  let next = "";
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const query = new URLSearchParams({ fieldSelector: selectorOf(node), limit: `${PAGE_PODS}` });
    if (next !== "") {
      query.set("continue", next);
    }
    const body = new BodyText(MAX_PAGE_BYTES);
    const call = {
      method: "GET" as const,
      path: `/api/v1/pods?${query}`,
      timeouts: { ...timeouts, silenceMs: LIST_SILENCE_MS },
      onBytes: (bytes: Buffer) => body.add(bytes),
    };
    const end = await callApi(access, call, signal);
    if (end.kind === "fault") {
      return end;
    }
    const page = readPage(body.text(), selection);
    if (page.kind === "fault") {
      return page;
    }
    for (const pod of page.pods) {
      pods.push(pod);
    }
    if (page.next === "") {
      return { kind: "list", version: page.version, pods };
    }
    next = page.next;
  }
  return apiFault("protocol", `a list of more than ${MAX_PAGES} pages`);
}

/** Path of a watch from `version` on, which the server ends after `seconds`. */
export function watchPath(node: string, version: string, seconds: number): string {
  const query = new URLSearchParams({
    fieldSelector: selectorOf(node),
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion: version,
    timeoutSeconds: `${seconds}`,
  });
  return `/api/v1/pods?${query}`;
}

function selectorOf(node: string): string {
  return `spec.nodeName=${node}`;
}

interface Page {
  readonly kind: "page";
  readonly version: string;
  readonly next: string;
  readonly pods: readonly PodRecord[];
}

function readPage(text: string, selection: PodSelection): Page | ApiFault {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return apiFault("protocol", "the list of pods is not JSON");
  }
  if (typeof raw !== "object" || raw === null || Reflect.get(raw, "kind") !== "PodList") {
    return apiFault("protocol", "the answer is not a PodList");
  }
  const items: unknown = Reflect.get(raw, "items") ?? [];
  const metadata: unknown = Reflect.get(raw, "metadata");
  if (!Array.isArray(items) || typeof metadata !== "object" || metadata === null) {
    return apiFault("protocol", "the PodList has no items or no metadata");
  }
  const version: unknown = Reflect.get(metadata, "resourceVersion");
  const next: unknown = Reflect.get(metadata, "continue") ?? "";
  if (typeof version !== "string" || version === "" || typeof next !== "string") {
    return apiFault("protocol", "the PodList has no resource version");
  }
  const pods = items
    .map((item) => podRecordOf(item, selection))
    .filter((record) => record !== undefined);
  return { kind: "page", version, next, pods };
}
