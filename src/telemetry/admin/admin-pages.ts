import type { TargetsPage } from "./targets-view.ts";

/** What the pages of the admin server show; asked for at each request. */
export interface AdminSource {
  /** Text format 0.0.4. */
  metrics(): Promise<string>;
  targets(): TargetsPage;
  /** What relabel rules do; JSON, with the status of the answer. */
  relabel(query: URLSearchParams): { readonly status: 200 | 400; readonly content: unknown };
  /** Why the agent is not ready, undefined when it is. */
  notReady(): string | undefined;
}

export interface AdminPage {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const TEXT = "text/plain; charset=utf-8";
const METRICS = "text/plain; version=0.0.4; charset=utf-8";
const JSON_TYPE = "application/json; charset=utf-8";

const INDEX = `promline
  /metrics         numbers of the agent, Prometheus text format
  /api/v1/targets  state of each target, JSON
  /api/v1/relabel  what the relabel rules did to the targets, or do to ?series=up{…}, JSON; from this machine only
  /-/healthy       200 while the process answers
  /-/ready         200 once conf.d is loaded and the pods of the node are listed; else 503 and why
`;

const REFUSED =
  "only this machine may ask; http_relabel_remote = true in promline.toml lets others\n";

/** What is asked for. */
export interface AdminRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** The asker may see what is for this machine only. */
  readonly trusted: boolean;
}

export async function adminPage(
  { path, query, trusted }: AdminRequest,
  source: AdminSource,
): Promise<AdminPage> {
  switch (path) {
    case "/":
      return { status: 200, contentType: TEXT, body: INDEX };
    case "/metrics":
      return { status: 200, contentType: METRICS, body: await source.metrics() };
    case "/api/v1/targets":
      return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(source.targets()) };
    case "/api/v1/relabel": {
      if (!trusted) {
        return { status: 403, contentType: TEXT, body: REFUSED };
      }
      const { status, content } = source.relabel(query);
      return { status, contentType: JSON_TYPE, body: JSON.stringify(content) };
    }
    case "/-/healthy":
      return { status: 200, contentType: TEXT, body: "healthy\n" };
    case "/-/ready": {
      const reason = source.notReady();
      return reason === undefined
        ? { status: 200, contentType: TEXT, body: "ready\n" }
        : { status: 503, contentType: TEXT, body: `not ready: ${reason}\n` };
    }
    default:
      return { status: 404, contentType: TEXT, body: "not found\n" };
  }
}
