import net from "node:net";
import tls from "node:tls";

/** What a scripted server does with one request: `index` counts requests from 0, `head` is the request as it came. */
export type Script = (socket: net.Socket, head: string, index: number) => void;

export interface ScriptedServer {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly port: number;
  /** Request heads in order. */
  readonly heads: string[];
  /** Connections accepted so far, and open now. */
  readonly accepted: () => number;
  readonly open: () => number;
  close(): Promise<void>;
}

export interface ListenOn {
  readonly host?: string;
  readonly path?: string;
  readonly tls?: tls.TlsOptions;
  /** Written as soon as a client has connected. */
  readonly greeting?: string;
}

/** A server that speaks whatever bytes the script writes. */
export async function serve(script: Script, on: ListenOn = {}): Promise<ScriptedServer> {
  const heads: string[] = [];
  const sockets = new Set<net.Socket>();
  let accepted = 0;
  const onSocket = (socket: net.Socket): void => {
    accepted++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    socket.write(on.greeting ?? "");
    let head = "";
    socket.on("data", (bytes) => {
      head += bytes.toString("latin1");
      for (let end = head.indexOf("\r\n\r\n"); end >= 0; end = head.indexOf("\r\n\r\n")) {
        const one = head.slice(0, end);
        head = head.slice(end + 4);
        heads.push(one);
        script(socket, one, heads.length - 1);
      }
    });
  };
  const server =
    on.tls === undefined ? net.createServer(onSocket) : tls.createServer(on.tls, onSocket);
  server.on("tlsClientError", () => undefined);
  const host = on.host ?? "127.0.0.1";
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(on.path === undefined ? { host, port: 0 } : { path: on.path }, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const scheme = on.tls === undefined ? "http" : "https";
  return {
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    heads,
    accepted: () => accepted,
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A whole answer with a length. */
export function answer(body: string | Buffer, headers: Record<string, string> = {}, status = 200) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const bytes = Buffer.from(body);
  const head = `HTTP/1.1 ${status} X\r\nContent-Length: ${bytes.length}\r\n${lines.join("")}\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

export function headerOf(head: string, name: string): string | undefined {
  const prefix = `${name.toLowerCase()}: `;
  const line = head.split("\r\n").find((one) => one.toLowerCase().startsWith(prefix));
  return line?.slice(prefix.length);
}
