import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { Child } from "./child.ts";
import { freePort } from "./free-port.ts";
import type { FieldValue, Point } from "./line-protocol.ts";
import { scratchDirectory } from "./scratch-directory.ts";
import { requireService } from "./services.ts";
import { until } from "./until.ts";

/** InfluxDB 1.x on loopback with an empty database. It is stopped when the test ends. */
export class InfluxServer {
  readonly url: string;
  readonly database: string;
  readonly #launch: () => Child;
  #child: Child;

  private constructor(url: string, database: string, launch: () => Child) {
    this.url = url;
    this.database = database;
    this.#launch = launch;
    this.#child = launch();
  }

  static async start(context: TestContext, database = "promline"): Promise<InfluxServer> {
    const program = requireService(context, "influxd");
    const directory = scratchDirectory("influxd");
    const http = `127.0.0.1:${await freePort()}`;
    const rpc = `127.0.0.1:${await freePort()}`;
    const config = join(directory, "influxdb.conf");
    writeFileSync(config, configuration(directory, http, rpc));
    const launch = () => new Child(program, ["-config", config], { env: { HOME: directory } });
    const server = new InfluxServer(`http://${http}`, database, launch);
    await server.#answers();
    await server.query(`CREATE DATABASE "${database}"`);
    return server;
  }

  /** Ends it; what was answered is there when it is started again. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.#child.stop(signal);
  }

  async startAgain(): Promise<void> {
    this.#child = this.#launch();
    await this.#answers();
  }

  /** The address a sender posts line protocol to. */
  get writeUrl(): string {
    return `${this.url}/write?db=${encodeURIComponent(this.database)}`;
  }

  /** Posts line protocol, gives status and body. */
  async write(lines: string): Promise<{ status: number; body: string }> {
    const answer = await fetch(this.writeUrl, { method: "POST", body: lines });
    return { status: answer.status, body: await answer.text() };
  }

  async #answers(): Promise<void> {
    const child = this.#child;
    await until("influxd to answer", 30_000, async () => {
      child.throwIfEnded();
      const answer = await fetch(`${this.url}/ping`, { signal: AbortSignal.timeout(2000) });
      return answer.status === 204 ? true : undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${child.report}`);
    });
  }

  async query(statement: string): Promise<readonly InfluxSeries[]> {
    const body = new URLSearchParams({ db: this.database, epoch: "ns", q: statement });
    const answer = await fetch(`${this.url}/query`, { method: "POST", body });
    const text = await answer.text();
    const parsed = JSON.parse(text, exactIntegers) as InfluxAnswer;
    const result = parsed.results?.[0];
    const error = parsed.error ?? result?.error;
    if (error !== undefined || !answer.ok) {
      throw new Error(`influxd: ${error ?? text}`);
    }
    return result?.series ?? [];
  }

  /**
   * Everything stored, read back by queries: one point for each series and time, its fields together. Whole numbers in float
   * fields come back as the floats they are.
   */
  async points(): Promise<readonly Point[]> {
    const points: Point[] = [];
    for (const measurement of await this.measurements()) {
      const quoted = `"${measurement.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
      const types = await this.fieldTypes(quoted);
      for (const series of await this.query(`SELECT * FROM ${quoted} GROUP BY *`)) {
        points.push(...pointsOf(series, types));
      }
    }
    return points;
  }

  private async measurements(): Promise<readonly string[]> {
    const [series] = await this.query("SHOW MEASUREMENTS");
    return (series?.values ?? []).map(([name]) => String(name));
  }

  private async fieldTypes(quoted: string): Promise<ReadonlyMap<string, string>> {
    const [series] = await this.query(`SHOW FIELD KEYS FROM ${quoted}`);
    return new Map((series?.values ?? []).map(([name, type]) => [String(name), String(type)]));
  }
}

type Cell = string | number | bigint | boolean | null;

export interface InfluxSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly Cell[])[];
}

interface InfluxAnswer {
  readonly error?: string;
  readonly results?: readonly { readonly error?: string; readonly series?: InfluxSeries[] }[];
}

function pointsOf(series: InfluxSeries, types: ReadonlyMap<string, string>): readonly Point[] {
  const tags = Object.entries(series.tags ?? {}).filter(([, value]) => value !== "");
  return series.values.map((row) => {
    const fields = new Map<string, FieldValue>();
    for (const [index, column] of series.columns.entries()) {
      const cell = row[index];
      if (column !== "time" && cell !== null && cell !== undefined) {
        fields.set(column, fieldValue(cell, types.get(column) ?? "float"));
      }
    }
    return { measurement: series.name, tags: new Map(tags), fields, time: BigInt(String(row[0])) };
  });
}

function fieldValue(cell: string | number | bigint | boolean, type: string): FieldValue {
  switch (type) {
    case "integer":
      return { type: "int", value: BigInt(String(cell)) };
    case "boolean":
      return { type: "bool", value: cell === true };
    case "string":
      return { type: "string", value: String(cell) };
    default:
      return { type: "float", value: Number(cell) };
  }
}

/** Whole numbers that a float64 does not hold become bigints, so that times in nanoseconds stay exact. */
function exactIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source ?? "";
  if (typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)) {
    return BigInt(source);
  }
  return value;
}

function configuration(directory: string, http: string, rpc: string): string {
  return `reporting-disabled = true
bind-address = "${rpc}"
[meta]
  dir = "${directory}/meta"
[data]
  dir = "${directory}/data"
  wal-dir = "${directory}/wal"
  index-version = "inmem"
  query-log-enabled = false
  max-values-per-tag = 0
[monitor]
  store-enabled = false
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
  log-enabled = false
[retention]
  enabled = false
[http]
  enabled = true
  bind-address = "${http}"
  log-enabled = false
  flux-enabled = false
[[udp]]
  enabled = false
[[graphite]]
  enabled = false
[[collectd]]
  enabled = false
[[opentsdb]]
  enabled = false
`;
}
