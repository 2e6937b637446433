import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestContext } from "vitest";
import { parse } from "yaml";
import { CHECKOUT } from "./agent-process.ts";
import type { Manifest } from "./kube-models.ts";
import { manifestsOf } from "./kustomize.ts";
import { requireService, skipOrFail } from "./services.ts";

type Values = Readonly<Record<string, unknown>>;

interface Release {
  readonly Name: string;
  readonly Namespace: string;
}

const NOTES = "NOTES.txt";

const CHART = join(CHECKOUT, "charts", "promline");
const PROGRAM = fileURLToPath(new URL("../deploy/helm-render/main.go", import.meta.url));
const DEBIAN_LIBRARIES = "/usr/share/gocode";

/** Renders charts/promline in the language Helm uses, with Debian's Go and sprig. */
export class HelmChart {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Compiles the renderer; where there is no Go the test is skipped. */
  static build(context: TestContext): HelmChart {
    const go = requireService(context, "go");
    const directory = mkdtempSync(join(tmpdir(), "promline-helm-"));
    const chart = new HelmChart(directory);
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: directory,
      GOPATH: DEBIAN_LIBRARIES,
      GOCACHE: join(directory, "cache"),
      GO111MODULE: "off",
      CGO_ENABLED: "0",
    };
    try {
      execFileSync(go, ["build", "-o", chart.#renderer, PROGRAM], { env, stdio: "pipe" });
    } catch (error) {
      skipOrFail(context, `the renderer of charts does not build: ${String(error)}`);
    }
    return chart;
  }

  /** Removes the renderer. */
  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }

  get #renderer(): string {
    return join(this.#directory, "render");
  }

  /** The values as Helm merges them: tables by key, everything else replaced. */
  static values(own: Values): Values {
    return merge(parse(readFileSync(join(CHART, "values.yaml"), "utf8")) as Values, own);
  }

  /** The objects of a release. Throws with the renderer's words where a template fails. */
  render(own: Values, release: Partial<Release> = {}): Manifest[] {
    const rendered = this.#texts(own, release);
    return Object.keys(rendered)
      .filter((name) => name !== NOTES)
      .sort()
      .flatMap((name) => manifestsOf(rendered[name] ?? ""));
  }

  /** What is said after an install. */
  notes(own: Values): string {
    return this.#texts(own, {})[NOTES] ?? "";
  }

  #texts(own: Values, release: Partial<Release>): Record<string, string> {
    const chart = parse(readFileSync(join(CHART, "Chart.yaml"), "utf8")) as Values;
    const templates = readdirSync(join(CHART, "templates")).map((name) => [
      name,
      readFileSync(join(CHART, "templates", name), "utf8"),
    ]);
    const input = {
      chart: { Name: chart["name"], Version: chart["version"], AppVersion: chart["appVersion"] },
      values: HelmChart.values(own),
      release: { Name: "agent", Namespace: "monitoring", Service: "Helm", ...release },
      templates: Object.fromEntries(templates),
    };
    const text = execFileSync(this.#renderer, {
      input: JSON.stringify(input),
      encoding: "utf8",
      stdio: "pipe",
    });
    return JSON.parse(text) as Record<string, string>;
  }
}

function merge(base: Values, own: Values): Values {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const under = merged[key];
    merged[key] = isTable(under) && isTable(value) ? merge(under, value) : value;
  }
  return merged;
}

function isTable(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
