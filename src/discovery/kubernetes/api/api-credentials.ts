import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { PemSource } from "../../../tls-config.ts";
import { MIB } from "../../../units.ts";
import type { ApiAccess } from "./api-access.ts";
import { type ApiFault, apiFault } from "./api-fault.ts";

/** What one connection is made with, read just now. */
export interface ApiCredentials {
  readonly token?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const MAX_BYTES = MIB;
/** Printable ASCII: what may stand in a header. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Reads token, authorities and client certificate: the kubelet rotates them under us. Never rejects. */
export async function readCredentials(access: ApiAccess): Promise<ApiCredentials | ApiFault> {
  try {
    const { credentials, authorities, clientCertificate } = access;
    const token = credentials === undefined ? undefined : await readToken(credentials);
    return {
      ...(token === undefined ? {} : { token }),
      ...(authorities === undefined ? {} : { ca: await readPem(authorities) }),
      ...(clientCertificate === undefined
        ? {}
        : {
            cert: await readPem(clientCertificate.cert),
            key: await readPem(clientCertificate.key),
          }),
    };
  } catch (error) {
    return apiFault("credentials", error instanceof Error ? error.message : String(error));
  }
}

async function readToken(bearer: NonNullable<ApiAccess["credentials"]>): Promise<string> {
  const token = (bearer.kind === "token" ? bearer.token : await readSmall(bearer.path)).trim();
  if (!TOKEN.test(token)) {
    const origin = bearer.kind === "file" ? bearer.path : "the token of the kubeconfig";
    throw new Error(`${origin}: empty, or no token`);
  }
  return token;
}

function readPem(source: PemSource): Promise<string> | string {
  return source.kind === "text" ? source.pem : readSmall(source.path);
}

async function readSmall(path: string): Promise<string> {
  // Without O_NONBLOCK opening a FIFO waits for a writer, for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > MAX_BYTES) {
      throw new Error(`${path}: not a regular file of at most ${MAX_BYTES} bytes`);
    }
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
