import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "vitest";

/** Programs that tests use where they are installed; `.ci/run` installs all of them. */
export type Service =
  | "etcd"
  | "etcdctl"
  | "go"
  | "npm"
  | "influxd"
  | "ip"
  | "nsenter"
  | "openssl"
  | "prometheus"
  | "prometheus-node-exporter"
  | "promtool"
  | "setpriv"
  | "tar"
  | "unshare"
  | "victoria-metrics";

/** Where a program is, undefined where it is not installed. */
function findService(name: Service): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/bin"];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Where a program is. Where it is not installed the running test is skipped with a message, or fails when
 * PROMLINE_REQUIRE_SERVICES is 1.
 */
export function requireService(context: TestContext, name: Service): string {
  return findService(name) ?? skipOrFail(context, `${name} is not installed`);
}

/**
 * The program that runs others in network and mount namespaces of their own. Where those are not permitted the running test is
 * skipped or fails, as above.
 */
export function requireNamespaces(context: TestContext): string {
  const program = requireService(context, "unshare");
  const tried = spawnSync(program, ["-n", "-m", "ip", "link", "set", "lo", "up"]);
  return tried.status === 0
    ? program
    : skipOrFail(context, "network and mount namespaces are not permitted, or ip is not installed");
}

/** Whether nothing may be skipped: PROMLINE_REQUIRE_SERVICES is 1. */
export function servicesRequired(): boolean {
  return process.env["PROMLINE_REQUIRE_SERVICES"] === "1";
}

/** Ends the running test: skipped with `message`, or failed when PROMLINE_REQUIRE_SERVICES is 1. */
export function skipOrFail(context: TestContext, message: string): never {
  if (servicesRequired()) {
    throw new Error(`${message}, and PROMLINE_REQUIRE_SERVICES asks for it`);
  }
  return context.skip(message);
}
