import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** What the server says about one name. */
export interface DnsRecords {
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  /** The records are those of this name. */
  readonly cname?: string;
  /** Seconds; default 30. */
  readonly ttl?: number;
  /** Response code in place of records: 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED. */
  readonly rcode?: number;
  /** The same, for questions about AAAA alone. */
  readonly aaaaRcode?: number;
  /** Questions of these types are dropped. */
  readonly silent?: readonly ("A" | "AAAA")[];
  /** Over UDP the answer is cut off. */
  readonly truncated?: boolean;
}

export const SILENT: DnsRecords = { silent: ["A", "AAAA"] };

const TYPES = { 1: "A", 28: "AAAA" } as const;
const CNAME = 5;
const MAX_TRIES = 10;

/** A name server for tests, UDP and TCP on one port. Names it does not know do not exist. */
export class DnsServer {
  /** `TYPE name protocol` of each question, in order. */
  readonly questions: string[] = [];
  readonly #zone: Map<string, DnsRecords>;
  readonly #udp: Socket;
  readonly #tcp: Server;

  private constructor(zone: Readonly<Record<string, DnsRecords>>) {
    this.#zone = new Map(Object.entries(zone));
    this.#udp = createSocket("udp4", (question, from) => {
      const answer = this.#answer(question, "udp");
      if (answer !== undefined) {
        this.#udp.send(answer, from.port, from.address);
      }
    });
    this.#tcp = createServer((socket) => {
      socket.on("error", () => undefined);
      // Questions of the tests fit into one segment.
      socket.on("data", (bytes: Buffer) => {
        const answer = this.#answer(bytes.subarray(2), "tcp");
        if (answer !== undefined) {
          socket.write(Buffer.concat([uint16(answer.length), answer]));
        }
      });
    });
  }

  static async start(
    zone: Readonly<Record<string, DnsRecords>>,
    host = "127.0.0.1",
    port = 0,
  ): Promise<DnsServer> {
    for (let tries = 1; ; tries++) {
      const server = new DnsServer(zone);
      try {
        await server.#listen(host, port);
        return server;
      } catch (error) {
        server.stop();
        // A port that is free for UDP may be taken for TCP.
        if (port !== 0 || tries === MAX_TRIES) {
          throw error;
        }
      }
    }
  }

  async #listen(host: string, port: number): Promise<void> {
    this.#udp.bind(port, host);
    await once(this.#udp, "listening");
    this.#tcp.listen(this.port, host);
    await once(this.#tcp, "listening");
  }

  get port(): number {
    return this.#udp.address().port;
  }

  /** As the resolver is told of it. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  set(name: string, records: DnsRecords): void {
    this.#zone.set(name, records);
  }

  stop(): void {
    this.#udp.close();
    this.#tcp.close();
  }

  #answer(question: Buffer, protocol: "udp" | "tcp"): Buffer | undefined {
    const end = question.indexOf(0, 12);
    const labels: string[] = [];
    for (let at = 12; at < end; at += 1 + (question[at] ?? 0)) {
      labels.push(question.toString("latin1", at + 1, at + 1 + (question[at] ?? 0)));
    }
    // c-ares mixes upper and lower case into its questions.
    const name = labels.join(".").toLowerCase();
    const code = question.readUInt16BE(end + 1);
    const type = code === 1 || code === 28 ? TYPES[code] : undefined;
    this.questions.push(`${type ?? code} ${name} ${protocol}`);
    const records = this.#zone.get(name) ?? { rcode: 3 };
    if (type === undefined || records.silent?.includes(type)) {
      return;
    }
    const rcode = (type === "AAAA" ? records.aaaaRcode : undefined) ?? records.rcode ?? 0;
    const asked = question.subarray(12, end + 5);
    if (records.truncated && protocol === "udp") {
      return Buffer.concat([head(question, 0x8780, 0), asked]);
    }
    const answers = this.#records(records, type);
    return Buffer.concat([head(question, 0x8580 | rcode, answers.length), asked, ...answers]);
  }

  #records(records: DnsRecords, type: "A" | "AAAA"): Buffer[] {
    const ttl = records.ttl ?? 30;
    if (records.cname !== undefined) {
      const name = encodeName(records.cname);
      const own = record(Buffer.from([0xc0, 12]), CNAME, ttl, name);
      const target = this.#zone.get(records.cname) ?? {};
      return [own, ...addresses(target, type).map((data) => record(name, codeOf(type), ttl, data))];
    }
    return addresses(records, type).map((data) =>
      record(Buffer.from([0xc0, 12]), codeOf(type), ttl, data),
    );
  }
}

function head(question: Buffer, flags: number, answers: number): Buffer {
  return Buffer.concat([question.subarray(0, 2), ...[flags, 1, answers, 0, 0].map(uint16)]);
}

function record(name: Buffer, code: number, ttl: number, data: Buffer): Buffer {
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(ttl);
  return Buffer.concat([name, uint16(code), uint16(1), seconds, uint16(data.length), data]);
}

function addresses(records: DnsRecords, type: "A" | "AAAA"): Buffer[] {
  return type === "A"
    ? (records.a ?? []).map((address) => Buffer.from(address.split(".").map(Number)))
    : (records.aaaa ?? []).map(ipv6Bytes);
}

function ipv6Bytes(address: string): Buffer {
  const [before = "", after = ""] = address.split("::");
  const groups = (part: string) => part.split(":").filter((group) => group !== "");
  const zeros = 8 - groups(before).length - groups(after).length;
  const all = [...groups(before), ...Array<string>(zeros).fill("0"), ...groups(after)];
  return Buffer.concat(all.map((group) => uint16(Number.parseInt(group, 16))));
}

function encodeName(name: string): Buffer {
  const labels = name
    .split(".")
    .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function codeOf(type: "A" | "AAAA"): number {
  return type === "A" ? 1 : 28;
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}
