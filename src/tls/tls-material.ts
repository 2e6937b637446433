import tls from "node:tls";
import { readSmallFile } from "../small-file.ts";
import type { PemSource, TlsConfig, TlsVersion } from "../tls-config.ts";
import { certificatesIn, checkCertificate, checkKey, isTrouble, pairTrouble } from "./pem-text.ts";

/** A file, or a text, of ours cannot be used. It is named; nothing of it is quoted. */
export interface TlsFilesFault {
  readonly kind: "fault";
  readonly reason: "tls_files";
  readonly detail: string;
}

/** The texts of a configuration, as they are in its files now. */
export interface TlsMaterial {
  readonly ca: readonly string[];
  readonly cert?: string;
  readonly key?: string;
}

/** Never rejects. */
export async function readMaterial(config: TlsConfig): Promise<TlsMaterial | TlsFilesFault> {
  const ca: string[] = [];
  for (const source of config.ca) {
    const text = await read(source);
    if (typeof text !== "string") {
      return text;
    }
    ca.push(text);
  }
  if (config.cert === undefined && config.key === undefined) {
    return { ca };
  }
  if (config.cert === undefined || config.key === undefined) {
    return filesFault("a client certificate needs both the certificate and its key");
  }
  const cert = await read(config.cert);
  const key = await read(config.key);
  if (typeof cert !== "string") {
    return cert;
  }
  return typeof key === "string" ? { ca, cert, key } : key;
}

/** What connections are made with. Without authorities in `config` it trusts those of this thread (`systemAuthorities`). */
export function contextOf(
  config: TlsConfig,
  material: TlsMaterial,
): tls.SecureContext | TlsFilesFault {
  const ca: string[] = [];
  for (const [index, text] of material.ca.entries()) {
    const found = certificatesIn(text);
    if ("kind" in found) {
      return filesFault(`${nameOf(config.ca[index], "authority")}: ${found.text}`);
    }
    ca.push(...found);
  }
  const trouble = pairFault(config, material);
  if (trouble !== undefined) {
    return trouble;
  }
  const { cert, key } = material;
  try {
    return tls.createSecureContext({
      // An intermediate, or the server's own certificate, is trust enough, as in Go.
      allowPartialTrustChain: true,
      ...versionOptions(config.minVersion),
      // No `ca` at all makes Node load its own roots, which costs memory for nothing where nobody verifies.
      ...(ca.length > 0 || config.insecureSkipVerify ? { ca } : {}),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    });
  } catch (error) {
    return filesFault(`${nameOf(config.cert, "certificate")}: ${openSslTrouble(error)}`);
  }
}

function pairFault(config: TlsConfig, { cert, key }: TlsMaterial): TlsFilesFault | undefined {
  if (cert === undefined || key === undefined) {
    return undefined;
  }
  const certificate = checkCertificate(cert);
  if (isTrouble(certificate)) {
    return filesFault(`${nameOf(config.cert, "certificate")}: ${certificate.text}`);
  }
  const privateKey = checkKey(key);
  if (isTrouble(privateKey)) {
    return filesFault(`${nameOf(config.key, "key")}: ${privateKey.text}`);
  }
  const mismatch = pairTrouble(certificate, privateKey);
  return mismatch && filesFault(`${nameOf(config.key, "key")}: ${mismatch.text}`);
}

/** OpenSSL 3 counts what TLS 1.0 and 1.1 sign with among level 0, the only one at which it speaks them. */
function versionOptions(version: TlsVersion = "1.2"): tls.SecureContextOptions {
  switch (version) {
    case "1.0":
      return { minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" };
    case "1.1":
      return { minVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
    case "1.2":
      return { minVersion: "TLSv1.2" };
    case "1.3":
      return { minVersion: "TLSv1.3" };
  }
}

function openSslTrouble(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/(ee|ca) key too small/.test(message)) {
    return "its key is too small: it takes RSA of 2048 bits, or an elliptic curve";
  }
  if (/md too weak/.test(message)) {
    return "it is signed with SHA-1 or MD5: issue it again with SHA-256";
  }
  return `cannot be used (${message.replace(/^error:[0-9A-F]+:/, "")})`;
}

async function read(source: PemSource): Promise<string | TlsFilesFault> {
  if (source.kind === "text") {
    return source.pem;
  }
  const file = await readSmallFile(source.path);
  return file.kind === "ok" ? file.text : filesFault(file.detail);
}

export function filesFault(detail: string): TlsFilesFault {
  return { kind: "fault", reason: "tls_files", detail };
}

function nameOf(source: PemSource | undefined, role: string): string {
  return source?.kind === "file" ? source.path : `${role} given as text`;
}
