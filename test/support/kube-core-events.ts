import type { IncomingMessage, ServerResponse } from "node:http";

/** What a test looks at in an Event. */
export interface CoreEvent {
  readonly namespace: string;
  readonly pod: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

interface EventBody {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly namespace: string; readonly generateName: string };
  readonly involvedObject: {
    readonly kind: string;
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
  };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

const PATH = /^\/api\/v1\/namespaces\/([a-z0-9-]+)\/events$/;

/** The Events of a fake API server: it takes them, checks their form and keeps them. */
export class CoreEvents {
  readonly taken: CoreEvent[] = [];

  owns(path: string): boolean {
    return PATH.test(path);
  }

  take(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    violation: (what: string) => void,
  ): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as EventBody;
      const namespace = PATH.exec(path)?.[1] ?? "";
      for (const what of faultsOf(body, namespace)) violation(`event: ${what}`);
      const { involvedObject, type, reason, message } = body;
      this.taken.push({ namespace, pod: involvedObject.name, type, reason, message });
      response.writeHead(201, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    });
  }
}

function faultsOf(body: EventBody, namespace: string): string[] {
  const { metadata, involvedObject } = body;
  const checks: readonly (readonly [string, boolean])[] = [
    ["kind", body.kind === "Event" && body.apiVersion === "v1"],
    ["namespace", metadata.namespace === namespace && involvedObject.namespace === namespace],
    ["generateName", /^[a-z0-9.-]+\.$/.test(metadata.generateName)],
    ["involvedObject", involvedObject.kind === "Pod" && involvedObject.uid !== ""],
    ["type", body.type === "Warning" || body.type === "Normal"],
    ["reason", /^[A-Z][A-Za-z]{0,127}$/.test(body.reason)],
    ["message", body.message.length > 0 && Buffer.byteLength(body.message) <= 1024],
  ];
  return checks.filter(([, holds]) => !holds).map(([what]) => what);
}
