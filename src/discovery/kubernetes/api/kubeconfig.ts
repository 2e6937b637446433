import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { PemSource } from "../../../tls-config.ts";
import type { ApiAccess, NoAccess } from "./api-access.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The API server of a kubeconfig's current context. Tokens, token files and client certificates are understood; programs that
 * make credentials (`exec`, `auth-provider`) and passwords are not.
 */
export async function kubeconfigAccess(path: string): Promise<ApiAccess | NoAccess> {
  try {
    // Only who names a kubeconfig pays for a YAML parser.
    const { parse } = await import("yaml");
    const root = table(parse(await readFile(path, "utf8")));
    return accessOf(root, dirname(resolve(path)));
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { kind: "no_access", detail: `kubeconfig ${path}: ${why}` };
  }
}

function accessOf(root: Fields, directory: string): ApiAccess {
  const context = named(root["contexts"], text(root["current-context"]), "context");
  const cluster = named(root["clusters"], text(context["cluster"]), "cluster");
  const user = named(root["users"], text(context["user"]), "user");
  const server = URL.parse(text(cluster["server"]));
  if (server === null || !/^https?:$/.test(server.protocol)) {
    throw new Error("the cluster has no server with http or https");
  }
  for (const unknown of ["exec", "auth-provider", "username"]) {
    if (user[unknown] !== undefined) {
      throw new Error(`the user has "${unknown}", which is not supported; use a token`);
    }
  }
  const authorities = pem(cluster, "certificate-authority", directory);
  const cert = pem(user, "client-certificate", directory);
  const key = pem(user, "client-key", directory);
  const credentials = bearer(user, directory);
  const serverName = text(cluster["tls-server-name"]);
  return {
    server,
    ...(authorities === undefined ? {} : { authorities }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(cert === undefined || key === undefined ? {} : { clientCertificate: { cert, key } }),
    ...(serverName === "" ? {} : { serverName }),
    insecureSkipVerify: cluster["insecure-skip-tls-verify"] === true,
  };
}

function bearer(user: Fields, directory: string): ApiAccess["credentials"] {
  const file = text(user["tokenFile"]);
  const token = text(user["token"]);
  if (file !== "") {
    return { kind: "file", path: resolve(directory, file) };
  }
  return token === "" ? undefined : { kind: "token", token };
}

/** `key-data`, base64, wins over `key`, a path from the directory of the kubeconfig. */
function pem(from: Fields, key: string, directory: string): PemSource | undefined {
  const data = text(from[`${key}-data`]);
  const path = text(from[key]);
  if (data !== "") {
    return { kind: "text", pem: Buffer.from(data, "base64").toString("utf8") };
  }
  return path === "" ? undefined : { kind: "file", path: resolve(directory, path) };
}

/** The inner table of the entry `name` in a list of `{name, <kind>: {…}}`. */
function named(entries: unknown, name: string, kind: string): Fields {
  const found = (Array.isArray(entries) ? entries : [])
    .map(table)
    .find((entry) => entry["name"] === name);
  if (found === undefined) {
    throw new Error(`has no ${kind} ${JSON.stringify(name)}`);
  }
  return table(found[kind]);
}

function table(raw: unknown): Fields {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) ? (raw as Fields) : {};
}

function text(raw: unknown): string {
  return typeof raw === "string" ? raw : "";
}
