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
