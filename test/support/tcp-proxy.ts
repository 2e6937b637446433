import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A TCP proxy on 127.0.0.1 that breaks connections as networks do, whatever is spoken over them. */
export class TcpProxy {
  readonly #to: { readonly host: string; readonly port: number };
  readonly #pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  #server: Server | undefined;
  #port = 0;

  private constructor(to: { readonly host: string; readonly port: number }) {
    this.#to = to;
  }

  static async start(to: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(to);
    await proxy.up();
    onTestFinished(() => proxy.down());
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  async up(): Promise<void> {
    const server = createServer((client) => this.#join(client));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", () => resolve()));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Refuses connections and cuts those there are. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.drop();
    await new Promise<void>((resolve) =>
      server === undefined ? resolve() : server.close(() => resolve()),
    );
  }

  drop(): void {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    this.#pairs.clear();
  }

  /** The client sees the end of what comes, in the middle of it. */
  halfClose(): void {
    for (const { client, server } of this.#pairs) {
      server.unpipe(client);
      client.end();
    }
  }

  /** Nothing more comes through, and nobody says so. */
  freeze(): void {
    for (const { client, server } of this.#pairs) {
      server.unpipe(client);
      server.resume();
    }
  }

  #join(client: Socket): void {
    const server = connect(this.#to.port, this.#to.host);
    const pair = { client, server };
    this.#pairs.add(pair);
    client.pipe(server);
    server.pipe(client);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
    }
  }
}
