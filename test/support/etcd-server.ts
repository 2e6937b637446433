import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { Authority, type CertificatePair } from "./certificates.ts";
import { Child } from "./child.ts";
import { freePort } from "./free-port.ts";
import { scratchDirectory } from "./scratch-directory.ts";
import { requireService } from "./services.ts";
import { until } from "./until.ts";

interface EtcdPlaces {
  readonly program: string;
  readonly openssl: string;
  readonly directory: string;
  readonly clientUrl: string;
  readonly peerUrl: string;
}

/**
 * An etcd of one member with a server certificate for 127.0.0.1 that lets in only clients with a certificate of `clients`
 * (`--client-cert-auth`). It is stopped when the test ends.
 */
export class EtcdServer {
  /** Signed the server's certificate. */
  readonly authority: Authority;
  readonly #places: EtcdPlaces;
  readonly #server: CertificatePair;
  /** Signs the clients that are let in. */
  clients: Authority;
  #child: Child | undefined;
  #tester: CertificatePair;

  private constructor(places: EtcdPlaces) {
    this.#places = places;
    this.authority = new Authority(places.openssl, join(places.directory, "pki"));
    this.clients = this.authority;
    const names = ["IP:127.0.0.1", "DNS:localhost"];
    this.#server = this.authority.issue("server", { names, use: "serverAuth" });
    this.#tester = this.clients.issue("tester");
  }

  static async start(context: TestContext): Promise<EtcdServer> {
    const server = new EtcdServer({
      program: requireService(context, "etcd"),
      openssl: requireService(context, "openssl"),
      directory: scratchDirectory("etcd"),
      clientUrl: `https://127.0.0.1:${await freePort()}`,
      peerUrl: `http://127.0.0.1:${await freePort()}`,
    });
    await server.#run();
    return server;
  }

  /** `https://127.0.0.1:port` */
  get url(): string {
    return this.#places.clientUrl;
  }

  get directory(): string {
    return this.#places.directory;
  }

  /** Starts again, on the same port, with a new authority for clients: no certificate issued before is let in any more. */
  async replaceClientAuthority(): Promise<void> {
    await this.#child?.stop();
    this.clients = new Authority(this.#places.openssl, join(this.directory, "pki-next"), "next");
    this.#tester = this.clients.issue("tester");
    await this.#run();
  }

  /** A page as a client with `pair` gets it; the default pair is one that is let in. */
  read(path: string, pair: CertificatePair = this.#tester): Promise<string> {
    return new Promise((resolve, reject) => {
      const agent = new Agent({
        ca: readFileSync(this.authority.cert),
        cert: readFileSync(pair.cert),
        key: readFileSync(pair.key),
        maxCachedSessions: 0,
      });
      const outgoing = request(`${this.url}${path}`, { agent, timeout: 5000 }, (answer) => {
        let body = "";
        answer.setEncoding("utf8");
        answer.on("data", (text: string) => {
          body += text;
        });
        answer.on("end", () => resolve(body));
        answer.on("error", reject);
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 5 s")));
      outgoing.on("error", reject);
      outgoing.end();
    });
  }

  async #run(): Promise<void> {
    const { program, directory, clientUrl, peerUrl } = this.#places;
    const child = new Child(program, [
      ...["--name", "one", "--data-dir", join(directory, "data")],
      ...["--listen-client-urls", clientUrl, "--advertise-client-urls", clientUrl],
      ...["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl],
      ...["--initial-cluster", `one=${peerUrl}`],
      ...["--cert-file", this.#server.cert, "--key-file", this.#server.key],
      ...["--client-cert-auth", "--trusted-ca-file", this.clients.cert],
    ]);
    this.#child = child;
    await until("etcd to be healthy", 30_000, async () => {
      child.throwIfEnded();
      const health = await this.read("/health");
      return health.includes('"true"') ? true : undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${child.report}`);
    });
  }
}
