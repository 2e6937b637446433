import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface SeenRequest {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** What to do with a request: answer it, hang, cut the connection, or break the answer off. */
export type Fault =
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly text?: string;
    }
  | "hang"
  | "reset"
  | "half_headers"
  | "early_hints"
  | "half_body"
  | "slow_body"
  | "endless_body";

/** An HTTP server on 127.0.0.1 that misbehaves on demand and keeps what it was sent. */
export class FaultServer {
  readonly seen: SeenRequest[] = [];
  connections = 0;
  fault: Fault = { status: 204 };
  readonly #server = createServer((request, response) => {
    this.#take(request, response).catch(() => response.destroy());
  });

  async listen(): Promise<this> {
    this.#server.on("connection", () => {
      this.connections += 1;
    });
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    this.seen.push({
      line: `${request.method} ${request.url}`,
      headers: request.headers,
      body: Buffer.concat(chunks),
    });
    this.#answer(response, request.socket);
  }

  #answer(response: ServerResponse, socket: Socket): void {
    const { fault } = this;
    if (typeof fault === "object") {
      response.writeHead(fault.status, fault.headers).end(fault.text ?? "");
      return;
    }
    switch (fault) {
      case "hang":
        return;
      case "reset":
        socket.resetAndDestroy();
        return;
      case "half_headers":
        socket.end("HTTP/1.1 200 OK\r\nContent-Le");
        return;
      case "early_hints":
        socket.end("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
        return;
      case "half_body":
        socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        return;
      case "slow_body":
        response.writeHead(400).write("x".repeat(10_000));
        setTimeout(() => response.end("the rest"), 20);
        return;
      case "endless_body":
        response.writeHead(400);
        pour(response);
        return;
    }
  }
}

function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write("x".repeat(16_384))) {
    // Until the socket is full.
  }
  response.once("drain", () => pour(response));
}
