import { MIB } from "../../src/units.ts";
import { NINE_PERCENT } from "./istio-page.ts";
import type { NameFilter } from "./name-filter.ts";
import type { PageRecipe } from "./page-recipe.ts";
import { relabelRules } from "./relabel-rules.ts";
import { SEED_FILTER } from "./seed-filter.ts";

/** Targets that serve pages of one kind and are scraped in one job. */
export interface WorkloadPart {
  readonly name: string;
  readonly recipe: PageRecipe;
  readonly targets: number;
  readonly intervalSeconds: number;
  /** Share of the series replaced at each scrape. */
  readonly churn: number;
}

/** What one run measures an agent on. */
export interface Workload {
  /** `W1`; of a workload with steps `W7-100`. */
  readonly name: string;
  readonly title: string;
  readonly parts: readonly WorkloadPart[];
  /** Processes that keep all cores busy meanwhile. */
  readonly busy: boolean;
  /** Targets compress for whoever asks, as Go's client library does; otherwise never, as Envoy does. Absent: no. */
  readonly compresses?: boolean;
  /** The first scrapes alone take about so long: the warm-up is not shorter. Absent: no time to speak of. */
  readonly firstScrapesSeconds?: number;
}

/** How large: the issue's own figures, or small ones that only show that everything works. */
export type Scale = "full" | "smoke";

interface Sizes {
  readonly mesh: { readonly targets: number; readonly samples: number; readonly seconds: number };
  readonly node: { readonly targets: number; readonly samples: number; readonly seconds: number };
  readonly sidecar: { readonly targets: number; readonly bytes: number; readonly seconds: number };
  readonly kubeState: { readonly bytes: number; readonly seconds: number };
  readonly steps: readonly number[];
}

const SIZES: Readonly<Record<Scale, Sizes>> = {
  full: {
    mesh: { targets: 50, samples: 5000, seconds: 5 },
    node: { targets: 200, samples: 1000, seconds: 10 },
    sidecar: { targets: 20, bytes: 8_000_000, seconds: 10 },
    kubeState: { bytes: 300 * MIB, seconds: 60 },
    steps: [1, 10, 100, 500],
  },
  smoke: {
    mesh: { targets: 2, samples: 250, seconds: 1 },
    node: { targets: 3, samples: 200, seconds: 1 },
    sidecar: { targets: 2, bytes: 200_000, seconds: 1 },
    kubeState: { bytes: 500_000, seconds: 1 },
    steps: [1, 4],
  },
};

const KEEP_NINE_PERCENT: NameFilter = { names: NINE_PERCENT, types: [], tagsIgnore: [] };
const CHURN = 0.02;
/** Numbers of rules for W1: `relabel`. */
export const RULES = [0, 15, 1000];

export function workloads(scale: Scale): Workload[] {
  const sizes = SIZES[scale];
  const { mesh, node } = sizes;
  const meshed = `${mesh.targets} × ${mesh.samples} long lines`;
  return [
    { name: "W1", title: `${meshed}, all kept`, parts: [meshPart(sizes)], busy: false },
    {
      name: "W2",
      title: `${meshed}, 9 % kept`,
      parts: [meshPart(sizes, { filter: KEEP_NINE_PERCENT })],
      busy: false,
    },
    {
      name: "W3",
      title: `${node.targets} × ${node.samples} short lines`,
      parts: [nodePart(sizes, node.targets)],
      busy: false,
    },
    { name: "W4", title: "W1 and one huge page", parts: hugeParts(sizes), busy: false },
    { name: "W4-busy", title: "W4, both cores busy", parts: hugeParts(sizes), busy: true },
    {
      name: "W5",
      title: `${sizes.sidecar.targets} sidecars, published filter`,
      parts: [sidecarPart(sizes)],
      busy: false,
    },
    {
      name: "W6",
      title: "W1, 2 % of the series replaced at each scrape",
      parts: [meshPart(sizes, { churn: CHURN })],
      busy: false,
    },
    ...RULES.map((rules) => ({
      name: `relabel-${rules}`,
      title: `W1 with ${rules} metric relabel rules`,
      parts: [meshPart(sizes, { rules })],
      busy: false,
      firstScrapesSeconds: firstScrapesSeconds(sizes, rules),
    })),
    ...sizes.steps.map((targets) => ({
      name: `W7-${targets}`,
      title: `${targets} × ${node.samples} short lines`,
      parts: [nodePart(sizes, targets)],
      busy: false,
    })),
  ];
}

const GZIP = "-gzip";

/** The same workload with targets that compress. */
function gzipVariant(workload: Workload): Workload {
  return {
    ...workload,
    name: `${workload.name}${GZIP}`,
    title: `${workload.title}, gzip for whoever asks`,
    compresses: true,
  };
}

/**
 * Those that `names` ask for, all where it is empty: `W7` asks for every step of it, `W1-gzip` for W1 with targets that compress.
 * With `gzip` each stands beside its like that compresses. Undefined: no such workload.
 */
export function selectWorkloads(
  all: readonly Workload[],
  names: readonly string[],
  gzip = false,
): Workload[] | undefined {
  const everything = all.flatMap((workload) => [workload, gzipVariant(workload)]);
  const matches = ({ name, compresses = false }: Workload, asked: string): boolean => {
    const [bare, askedBare] = [name, asked].map((text) => text.replace(/-gzip$/, ""));
    const fits = bare === askedBare || bare?.startsWith(`${askedBare}-`) === true;
    return fits && (compresses ? gzip || asked.endsWith(GZIP) : !asked.endsWith(GZIP));
  };
  if (!names.every((name) => everything.some((workload) => matches(workload, name)))) {
    return undefined;
  }
  return everything.filter((workload) => {
    const listed = names.some((name) => matches(workload, name));
    return listed || (names.length === 0 && (gzip || workload.compresses !== true));
  });
}

interface MeshChanges {
  readonly filter?: NameFilter;
  readonly churn?: number;
  readonly rules?: number;
}

function meshPart(
  { mesh }: Sizes,
  { filter, churn = 0, rules = 0 }: MeshChanges = {},
): WorkloadPart {
  const recipe: PageRecipe = {
    kind: "istio",
    size: mesh.samples,
    ...(rules > 0 && { relabel: relabelRules(rules) }),
  };
  return {
    name: "mesh",
    recipe: filter === undefined ? recipe : { ...recipe, filter },
    targets: mesh.targets,
    intervalSeconds: mesh.seconds,
    churn,
  };
}

/** Twice what `first scrape` measured on one core: 0.25 us for each sample and rule, as of 5,000 samples and 1,000 rules 1.3 s. */
function firstScrapesSeconds({ mesh }: Sizes, rules: number): number {
  return Math.ceil(mesh.targets * mesh.samples * rules * 0.5e-6);
}

function nodePart({ node }: Sizes, targets: number): WorkloadPart {
  return {
    name: "node",
    recipe: { kind: "node", size: node.samples },
    targets,
    intervalSeconds: node.seconds,
    churn: 0,
  };
}

function sidecarPart({ sidecar }: Sizes): WorkloadPart {
  return {
    name: "sidecar",
    recipe: { kind: "sidecar", size: sidecar.bytes, filter: SEED_FILTER },
    targets: sidecar.targets,
    intervalSeconds: sidecar.seconds,
    churn: 0,
  };
}

function hugeParts(sizes: Sizes): WorkloadPart[] {
  const huge: WorkloadPart = {
    name: "kube-state",
    recipe: { kind: "kube-state", size: sizes.kubeState.bytes },
    targets: 1,
    intervalSeconds: sizes.kubeState.seconds,
    churn: 0,
  };
  return [meshPart(sizes), huge];
}
