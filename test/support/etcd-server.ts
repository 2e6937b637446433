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

/** An etcd of one member that lets in only clients with a certificate of its own authority. */
export interface EtcdServer {
  /** `https://127.0.0.1:port` */
  readonly url: string;
  readonly metricsUrl: string;
  readonly directory: string;
  readonly authority: Authority;
  /** A client pair etcd accepts, for the test itself. */
  readonly client: CertificatePair;
  readonly child: Child;
  /** A page as a client with `pair` gets it. */
  read(path: string, pair?: CertificatePair): Promise<{ status: number; body: string }>;
}

/** etcd with its own CA, a server certificate for 127.0.0.1 and `--client-cert-auth`. It is stopped when the test ends. */
export async function startEtcd(context: TestContext): Promise<EtcdServer> {
  const program = requireService(context, "etcd");
  const openssl = requireService(context, "openssl");
  const directory = scratchDirectory("etcd");
  const authority = new Authority(openssl, join(directory, "pki"));
  const names = ["IP:127.0.0.1", "DNS:localhost"];
  const server = authority.issue("server", { names, use: "serverAuth" });
  const client = authority.issue("tester");
  const url = `https://127.0.0.1:${await freePort()}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  const child = new Child(program, [
    ...["--name", "one", "--data-dir", join(directory, "data")],
    ...["--listen-client-urls", url, "--advertise-client-urls", url],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
    ...["--initial-cluster", `one=${peer}`],
    ...["--cert-file", server.cert, "--key-file", server.key],
    ...["--client-cert-auth", "--trusted-ca-file", authority.cert],
  ]);
  const read: EtcdServer["read"] = (path, pair = client) => get(`${url}${path}`, authority, pair);
  const started = { url, metricsUrl: `${url}/metrics`, directory, authority, client, child, read };
  await until("etcd to be healthy", 30_000, async () => {
    const health = await read("/health");
    return health.body.includes('"true"') ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${child.report}`);
  });
  return started;
}

function get(
  url: string,
  authority: Authority,
  pair: CertificatePair,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const agent = new Agent({
      ca: readFileSync(authority.cert),
      cert: readFileSync(pair.cert),
      key: readFileSync(pair.key),
      maxCachedSessions: 0,
    });
    const outgoing = request(url, { agent, timeout: 5000 }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (text: string) => {
        body += text;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
      answer.on("error", reject);
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 5 s")));
    outgoing.on("error", reject);
    outgoing.end();
  });
}
