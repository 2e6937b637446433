import type { Access } from "./admin-access.ts";
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
  readonly headers?: Readonly<Record<string, string>>;
}

const TEXT = "text/plain; charset=utf-8";
const METRICS = "text/plain; version=0.0.4; charset=utf-8";
const JSON_TYPE = "application/json; charset=utf-8";

const INDEX = `promline
  /metrics         numbers of the agent, Prometheus text format
  /-/healthy       200 while the process answers
  /-/ready         200 once conf.d is loaded and the pods of the node are listed; else 503 and why
for this machine, or with a bearer token (ENV_HTTP_TOKEN, http_token_file), also
  /api/v1/targets  state of each target, JSON
  /api/v1/relabel  what the relabel rules did to the targets, or do to ?series=up{…}, JSON
`;

/** What is asked for. */
export interface AdminRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Whether the asker may see more than metrics and health. */
  readonly access: () => Promise<Access>;
}

export async function adminPage(asked: AdminRequest, source: AdminSource): Promise<AdminPage> {
  switch (asked.path) {
    case "/metrics":
      return { status: 200, contentType: METRICS, body: await source.metrics() };
    case "/-/healthy":
      return { status: 200, contentType: TEXT, body: "healthy\n" };
    case "/-/ready": {
      const reason = source.notReady();
      return reason === undefined
        ? { status: 200, contentType: TEXT, body: "ready\n" }
        : { status: 503, contentType: TEXT, body: `not ready: ${reason}\n` };
    }
    case "/":
    case "/api/v1/targets":
    case "/api/v1/relabel": {
      const access = await asked.access();
      return access.kind === "granted"
        ? guardedPage(asked.path, asked.query, source)
        : refusal(access.status, access.text);
    }
    default:
      return { status: 404, contentType: TEXT, body: "not found\n" };
  }
}

function guardedPage(
  path: "/" | "/api/v1/targets" | "/api/v1/relabel",
  query: URLSearchParams,
  source: AdminSource,
): AdminPage {
  switch (path) {
    case "/":
      return { status: 200, contentType: TEXT, body: INDEX };
    case "/api/v1/targets":
      return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(source.targets()) };
    case "/api/v1/relabel": {
      const { status, content } = source.relabel(query);
      return { status, contentType: JSON_TYPE, body: JSON.stringify(content) };
    }
  }
}

function refusal(status: 401 | 403, body: string): AdminPage {
  const page = { status, contentType: TEXT, body };
  return status === 401 ? { ...page, headers: { "WWW-Authenticate": "Bearer" } } : page;
}
