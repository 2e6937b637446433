import type { Manifest } from "./kube-models.ts";

interface Container {
  readonly name: string;
  readonly securityContext?: {
    readonly readOnlyRootFilesystem?: boolean;
    readonly allowPrivilegeEscalation?: boolean;
    readonly privileged?: boolean;
    readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
    readonly runAsUser?: number;
    readonly runAsNonRoot?: boolean;
  };
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
}

/** What a DaemonSet of ours has beyond what it needs; the names of containers that run as root are expected ones. */
export function privilegeFaults(daemonSet: Manifest, rootContainers: readonly string[]): string[] {
  const pod = daemonSet["spec"].template.spec;
  const faults: string[] = [];
  const check = (what: string, holds: boolean) => {
    if (!holds) faults.push(what);
  };
  for (const field of ["hostNetwork", "hostPID", "hostIPC"]) {
    check(`${field} is on`, pod[field] !== true);
  }
  check("seccomp", pod.securityContext?.seccompProfile?.type === "RuntimeDefault");
  for (const container of [...(pod.initContainers ?? []), ...pod.containers] as Container[]) {
    const { name, securityContext: context = {} } = container;
    const added = context.capabilities?.add ?? [];
    check(`${name}: root is writable`, context.readOnlyRootFilesystem === true);
    check(`${name}: may escalate`, context.allowPrivilegeEscalation === false);
    check(`${name}: privileged`, context.privileged !== true);
    check(`${name}: keeps capabilities`, context.capabilities?.drop?.join() === "ALL");
    check(
      `${name}: adds ${added.join()}`,
      added.length === 0 || (added.join() === "CHOWN" && name === "data-owner"),
    );
    const user = context.runAsUser ?? pod.securityContext?.runAsUser;
    const nonRoot = context.runAsNonRoot ?? pod.securityContext?.runAsNonRoot;
    const isRoot = rootContainers.includes(name);
    check(`${name}: runs as ${user}`, isRoot ? user === 0 : user === 65_532 && nonRoot === true);
    check(`${name}: no memory limit`, container.resources?.limits?.["memory"] !== undefined);
  }
  return faults;
}

/** Rules of all roles, one line each: `verb,verb group/resource`. */
export function grants(manifests: readonly Manifest[]): string[] {
  return manifests
    .filter(({ kind }) => kind === "ClusterRole" || kind === "Role")
    .flatMap((role) => role["rules"])
    .map(({ apiGroups, resources, verbs, ...more }) =>
      [verbs.join(), `${apiGroups.join()}/${resources?.join()}`, ...Object.keys(more)].join(" "),
    );
}

/** Paths of the node that are mounted, with `rw` or `ro` for each container that mounts them. */
export function hostPaths(daemonSet: Manifest): string[] {
  const { volumes, containers, initContainers = [] } = daemonSet["spec"].template.spec;
  return volumes
    .filter((volume: Manifest) => volume["hostPath"] !== undefined)
    .flatMap((volume: Manifest) =>
      [...initContainers, ...containers].flatMap((container: Manifest) =>
        container["volumeMounts"]
          .filter((mount: Manifest) => mount["name"] === volume["name"])
          .map(
            (mount: Manifest) =>
              `${volume["hostPath"].path} ${container["name"]} ${mount["readOnly"] ? "ro" : "rw"}`,
          ),
      ),
    );
}
