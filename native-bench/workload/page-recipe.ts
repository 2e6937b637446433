import { istioPage } from "./istio-page.ts";
import { kubeStatePage } from "./kube-state-page.ts";
import type { NameFilter } from "./name-filter.ts";
import { nodePage } from "./node-page.ts";
import type { PageLayout } from "./page-layout.ts";
import { Random } from "./random.ts";
import type { RawRule } from "./relabel-rules.ts";
import { sidecarPage } from "./sidecar-page.ts";

/** A kind of page, and how large: samples for `istio` and `node`, bytes for `sidecar` and `kube-state`. */
export interface PageRecipe {
  readonly kind: "istio" | "node" | "sidecar" | "kube-state";
  readonly size: number;
  readonly filter?: NameFilter;
  /** `metric_relabel_configs`, which keep every sample. */
  readonly relabel?: readonly RawRule[];
}

/** The page of target `index`: each target has label values and numbers of its own. */
export function layPage(recipe: PageRecipe, seed: number, index: number): PageLayout {
  const random = new Random(seed + Math.imul(index + 1, 0x9e3779b1));
  switch (recipe.kind) {
    case "istio":
      return istioPage(random, recipe);
    case "node":
      return nodePage(random, recipe);
    case "sidecar":
      return sidecarPage(random, recipe);
    case "kube-state":
      return kubeStatePage(random, recipe);
  }
}
