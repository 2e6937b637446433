import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { constants, gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib";
import { type BodyCount, noSamples } from "./body-count.ts";
import { countLineProtocol } from "./line-protocol-count.ts";
import { countRemoteWrite } from "./remote-write-count.ts";
import type { SinkCount } from "./server-messages.ts";
import { snappyDecompress } from "./snappy.ts";

/** Every so-manieth body of line protocol is compressed once more, to compare sizes. */
const PROBE_EVERY = 16;

/** Accepts what agents deliver, counts the samples and forgets them: DataWay's write and Prometheus remote write. */
export class SinkServer {
  readonly #host: string;
  readonly #http: http.Server;
  #requests = 0;
  #lineProtocolBodies = 0;
  readonly #total: BodyCount = noSamples();
  #wireBytes = 0;
  #rawBytes = 0;
  #probedWireBytes = 0;
  #probedLevel1Bytes = 0;
  #faults = 0;
  #firstFault: string | undefined;

  constructor(host: string) {
    this.#host = host;
    this.#http = http.createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#http.keepAliveTimeout = 0;
  }

  /** Answers the port. */
  async start(): Promise<number> {
    this.#http.listen(0, this.#host);
    await once(this.#http, "listening");
    return (this.#http.address() as AddressInfo).port;
  }

  stop(): void {
    this.#http.close();
    this.#http.closeAllConnections();
  }

  count(): SinkCount {
    return {
      role: "sink",
      requests: this.#requests,
      ...this.#total,
      wireBytes: this.#wireBytes,
      rawBytes: this.#rawBytes,
      probedWireBytes: this.#probedWireBytes,
      probedLevel1Bytes: this.#probedLevel1Bytes,
      faults: this.#faults,
      ...(this.#firstFault === undefined ? {} : { firstFault: this.#firstFault }),
    };
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    if (request.method !== "POST") {
      response.writeHead(200).end("{}");
      return;
    }
    try {
      this.#take(request, Buffer.concat(chunks));
      response.writeHead(204).end();
    } catch (error) {
      this.#faults++;
      this.#firstFault ??= error instanceof Error ? error.message : String(error);
      response.writeHead(400).end();
    }
  }

  #take(request: http.IncomingMessage, body: Buffer): void {
    const raw = decoded(body, request.headers["content-encoding"]);
    const lineProtocol = !String(request.headers["content-type"]).includes("protobuf");
    const count = lineProtocol ? countLineProtocol(raw) : countRemoteWrite(raw);
    this.#requests++;
    this.#wireBytes += body.length;
    this.#rawBytes += raw.length;
    this.#total.samples += count.samples;
    this.#total.ownSamples += count.ownSamples;
    this.#total.staleMarkers += count.staleMarkers;
    if (lineProtocol && this.#lineProtocolBodies++ % PROBE_EVERY === 0) {
      this.#probedWireBytes += body.length;
      this.#probedLevel1Bytes += gzipSync(raw, { level: constants.Z_BEST_SPEED }).length;
    }
  }
}

function decoded(body: Buffer, encoding: string | undefined): Buffer {
  switch (encoding) {
    case undefined:
    case "identity":
      return body;
    case "gzip":
      return gunzipSync(body);
    case "zstd":
      return zstdDecompressSync(body);
    case "snappy":
      return snappyDecompress(body);
    default:
      throw new RangeError(`content-encoding ${encoding}`);
  }
}
