import { request as plainRequest } from "node:http";
import { type RequestOptions, request as secureRequest } from "node:https";
import type { ApiAccess } from "../../src/discovery/kubernetes/api/api-access.ts";
import { readCredentials } from "../../src/discovery/kubernetes/api/api-credentials.ts";

/** Changes a real cluster for tests, by the plain HTTP API. */
export class KubeAdmin {
  readonly #access: ApiAccess;

  constructor(access: ApiAccess) {
    this.#access = access;
  }

  /** Throws unless it succeeds or answers one of `also`. */
  async send(
    method: "POST" | "PATCH" | "DELETE",
    path: string,
    body?: unknown,
    also: readonly number[] = [],
  ): Promise<void> {
    const credentials = await readCredentials(this.#access);
    if ("kind" in credentials) throw new Error(credentials.detail);
    const { server, serverName, insecureSkipVerify } = this.#access;
    const { token, ca, cert, key } = credentials;
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const options: RequestOptions = {
      method,
      headers: {
        Accept: "application/json",
        "Content-Type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
        // Node tells the length of a DELETE's body only where it is told to; the server would read it as the next request.
        ...(content === undefined ? {} : { "Content-Length": content.length }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      rejectUnauthorized: !insecureSkipVerify,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    };
    const url = new URL(path, server);
    const { status, text } = await new Promise<{ status: number; text: string }>(
      (resolve, reject) => {
        const request = (url.protocol === "https:" ? secureRequest : plainRequest)(
          url,
          options,
          (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("error", reject);
            response.on("end", () =>
              resolve({
                status: response.statusCode ?? 0,
                text: Buffer.concat(chunks).toString("utf8"),
              }),
            );
          },
        );
        request.on("error", reject);
        request.end(content);
      },
    );
    if ((status < 200 || status > 299) && !also.includes(status)) {
      throw new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`);
    }
  }
}
