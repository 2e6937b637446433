import type { PemSource, TlsConfig } from "../tls-config.ts";
import type { Reading } from "./reading.ts";
import type { Values } from "./schema.ts";
import type { tlsSchema } from "./tls-schema.ts";

type TlsValues = Values<typeof tlsSchema>;

/** The TLS settings of an input; undefined where it has none. Every value but those of `tls_open` verifies by default. */
export function readTls(values: TlsValues, at: Reading): TlsConfig | undefined {
  if (isNewFamily(values)) {
    return newFamily(values, at);
  }
  if (values.tls_open === true) {
    return oldFamily(values, at);
  }
  for (const name of ["tls_ca", "tls_cert", "tls_key"] as const) {
    if (given(values[name])) {
      at.child(name).warn("has no effect without tls_open = true");
    }
  }
  return undefined;
}

/** An explicit `insecure_skip_verify = false` counts: it asks for verification. */
function isNewFamily(values: TlsValues): boolean {
  return (
    given(values.ca_certs) ||
    given(values.cert) ||
    given(values.cert_key) ||
    isBase64Family(values) ||
    given(values.server_name) ||
    values.insecure_skip_verify !== undefined
  );
}

function isBase64Family(values: TlsValues): boolean {
  return (
    given(values.ca_certs_base64) || given(values.cert_base64) || given(values.cert_key_base64)
  );
}

function newFamily(values: TlsValues, at: Reading): TlsConfig | undefined {
  const encoded = isBase64Family(values);
  const ca = encoded
    ? decodeAll(values.ca_certs_base64 ?? [], at.child("ca_certs_base64"))
    : files(values.ca_certs ?? []);
  const cert = encoded
    ? decode(values.cert_base64, at.child("cert_base64", true))
    : file(values.cert);
  const key = encoded
    ? decode(values.cert_key_base64, at.child("cert_key_base64", true))
    : file(values.cert_key);
  const insecureSkipVerify = values.insecure_skip_verify ?? false;
  if (ca.length === 0 && !insecureSkipVerify) {
    const [name] = namesOf(values);
    at.child(name ?? "ca_certs").warn(
      "no ca_certs: the certificate is verified by the authorities of the system (DataKit would not verify it)",
    );
  }
  const names = encoded
    ? (["cert_base64", "cert_key_base64"] as const)
    : (["cert", "cert_key"] as const);
  return withPair({ ca, insecureSkipVerify }, cert, key, values.server_name, names, at);
}

function oldFamily(values: TlsValues, at: Reading): TlsConfig | undefined {
  const ca = files(given(values.tls_ca) ? [values.tls_ca] : []);
  if (ca.length === 0) {
    at.child("tls_open").warn(
      "without tls_ca the certificate of the target is not verified; set ca_certs to verify it",
    );
  }
  const base = { ca, insecureSkipVerify: ca.length === 0 };
  const cert = file(values.tls_cert);
  const key = file(values.tls_key);
  return withPair(base, cert, key, undefined, ["tls_cert", "tls_key"], at);
}

function withPair(
  base: Pick<TlsConfig, "ca" | "insecureSkipVerify">,
  cert: PemSource | undefined,
  key: PemSource | undefined,
  serverName: string | undefined,
  names: readonly [cert: string, key: string],
  at: Reading,
): TlsConfig | undefined {
  if ((cert === undefined) !== (key === undefined)) {
    const [has, lacks] = cert === undefined ? [names[1], names[0]] : names;
    return at.child(has).error(`needs ${lacks} too`);
  }
  return {
    ...base,
    ...(cert && { cert }),
    ...(key && { key }),
    ...(given(serverName) && { serverName }),
  };
}

function namesOf(values: TlsValues): string[] {
  const names = ["cert", "cert_key", "cert_base64", "server_name", "insecure_skip_verify"] as const;
  return names.filter((name) => values[name] !== undefined);
}

function given<T extends string | readonly string[]>(value: T | undefined): value is T {
  return value !== undefined && value.length > 0;
}

function file(path: string | undefined): PemSource | undefined {
  return given(path) ? { kind: "file", path } : undefined;
}

function files(paths: readonly string[]): PemSource[] {
  return paths.flatMap((path) => file(path) ?? []);
}

function decodeAll(values: readonly string[], at: Reading): PemSource[] {
  return values.flatMap((value) => decode(value, at) ?? []);
}

function decode(value: string | undefined, at: Reading): PemSource | undefined {
  if (!given(value)) {
    return undefined;
  }
  const pem = Buffer.from(value, "base64").toString("utf8");
  return pem.includes("-----BEGIN ")
    ? { kind: "text", pem }
    : at.error("is not PEM text in base64 (not shown)");
}
