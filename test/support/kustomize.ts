import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import type { Manifest } from "./kube-models.ts";

interface Kustomization {
  readonly resources: readonly string[];
  readonly patches?: readonly {
    readonly target: { readonly kind: string; readonly name: string };
    readonly patch: string;
  }[];
}

interface Operation {
  readonly op: "add" | "replace" | "remove";
  readonly path: string;
  readonly value?: unknown;
}

/** As much of kustomize as ours needs: resources, and JSON patches (RFC 6902). */
export function kustomize(directory: string): Manifest[] {
  const file = join(directory, "kustomization.yaml");
  const { resources, patches = [] } = parse(readFileSync(file, "utf8")) as Kustomization;
  const objects = resources.flatMap((resource) => {
    const path = join(directory, resource);
    return resource.endsWith(".yaml") ? manifestsOf(readFileSync(path, "utf8")) : kustomize(path);
  });
  for (const { target, patch } of patches) {
    const object = objects.find(
      ({ kind, metadata }) => kind === target.kind && metadata.name === target.name,
    );
    if (object === undefined) throw new Error(`no ${target.kind} ${target.name} to patch`);
    for (const operation of parse(patch) as Operation[]) apply(object, operation);
  }
  return objects;
}

/** The objects of a YAML text. */
export function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => {
      const [error] = document.errors;
      if (error !== undefined) throw error;
      return document.toJS() as Manifest;
    })
    .filter((object) => object !== null);
}

function apply(object: Manifest, { op, path, value }: Operation): void {
  const [last = "", ...above] = path.split("/").slice(1).reverse();
  // biome-ignore lint/suspicious/noExplicitAny: any place in an object
  const parent: any = above.reverse().reduce<any>((at, name) => at[name], object);
  if (Array.isArray(parent)) {
    const index = last === "-" ? parent.length : Number(last);
    if (op === "replace") parent[index] = value;
    else parent.splice(index, op === "remove" ? 1 : 0, ...(op === "add" ? [value] : []));
  } else if (op === "remove") {
    if (!Object.hasOwn(parent, last)) throw new Error(`nothing to remove at ${path}`);
    delete parent[last];
  } else {
    parent[last] = value;
  }
}
