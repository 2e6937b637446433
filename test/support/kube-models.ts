import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DaemonSet } from "kubernetes-models/apps/v1/DaemonSet";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { ClusterRole } from "kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole";
import { ClusterRoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { ResourceQuota } from "kubernetes-models/v1/ResourceQuota";
import { Secret } from "kubernetes-models/v1/Secret";
import { Service } from "kubernetes-models/v1/Service";
import { ServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import { CHECKOUT } from "./agent-process.ts";

/** A Kubernetes object as parsed from YAML. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // biome-ignore lint/suspicious/noExplicitAny: its shape is what the test is about
  readonly [field: string]: any;
}

const MODELS = {
  "apps/v1 DaemonSet": DaemonSet,
  "networking.k8s.io/v1 NetworkPolicy": NetworkPolicy,
  "rbac.authorization.k8s.io/v1 ClusterRole": ClusterRole,
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding": ClusterRoleBinding,
  "v1 ConfigMap": ConfigMap,
  "v1 Namespace": Namespace,
  "v1 ResourceQuota": ResourceQuota,
  "v1 Secret": Secret,
  "v1 Service": Service,
  "v1 ServiceAccount": ServiceAccount,
} as const;

/**
 * What is wrong with objects by the published OpenAPI models. Values, required fields and formats are judged by the models'
 * validators, which let unknown fields pass; those are found by the compiler, with the objects as literals of the models' types.
 */
export function modelFaults(manifests: readonly Manifest[]): string[] {
  const faults = manifests.flatMap((manifest) => {
    const { apiVersion, kind, metadata } = manifest;
    const name = `${apiVersion} ${kind}`;
    const Model = Object.hasOwn(MODELS, name) ? MODELS[name as keyof typeof MODELS] : undefined;
    if (Model === undefined) return [`${name} is none of the kinds that are expected`];
    try {
      // biome-ignore lint/suspicious/noExplicitAny: the validator says whether it fits
      new Model(structuredClone(manifest) as any).validate();
      return [];
    } catch (error) {
      return [`${kind} ${metadata.name}: ${String(error)}`];
    }
  });
  return [...faults, ...typeFaults(manifests)];
}

function typeFaults(manifests: readonly Manifest[]): string[] {
  // Inside node_modules, where the models are found and nobody else looks.
  const cache = join(CHECKOUT, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, "manifests-"));
  const lines = manifests.map((manifest, index) => {
    const group = manifest.apiVersion;
    const type = `import("kubernetes-models/${group}/${manifest.kind}").I${manifest.kind}`;
    return `export const o${index}: ${type} = ${JSON.stringify(manifest, undefined, 1)};`;
  });
  const file = join(directory, "manifests.ts");
  writeFileSync(file, `${lines.join("\n")}\n`);
  try {
    execFileSync(
      join(CHECKOUT, "node_modules", ".bin", "tsc"),
      [
        ...["--noEmit", "--strict", "--skipLibCheck", "--ignoreConfig"],
        ...["--module", "nodenext", "--target", "esnext", "--types", "", file],
      ],
      { stdio: "pipe", encoding: "utf8" },
    );
    return [];
  } catch (error) {
    return String(Reflect.get(error as object, "stdout"))
      .split("\n")
      .filter((line) => line !== "");
  } finally {
    rmSync(directory, { recursive: true });
  }
}
