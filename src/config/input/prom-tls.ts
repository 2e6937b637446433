import type { PemSource, TlsConfig } from "../../tls-config.ts";
import type { Reading } from "../language/reading.ts";
import type { Values } from "../language/schema.ts";
import { tlsSchema } from "./tls-schema.ts";

type TlsValues = Values<typeof tlsSchema>;

/** The keys that inputs and destinations have in common. */
type CommonValues = Pick<
  TlsValues,
  | "ca_certs"
  | "cert"
  | "cert_key"
  | "ca_certs_base64"
  | "cert_base64"
  | "cert_key_base64"
  | "server_name"
  | "insecure_skip_verify"
  | "tls_min_version"
>;

/** The TLS settings of an input; undefined where it has none. Every value but those of `tls_open` verifies by default. */
export function readTls(values: TlsValues, at: Reading): TlsConfig | undefined {
  if (isNewFamily(values)) {
    warnOfSystem(values, at);
    return readCommonTls(values, at);
  }
  if (values.tls_open === true) {
    return oldFamily(values, at);
  }
  for (const name of ["tls_ca", "tls_cert", "tls_key"] as const) {
    if (given(values[name])) {
      at.child(name).warn("has no effect without tls_open = true");
    }
  }
  return values.tls_min_version === undefined ? undefined : readCommonTls(values, at);
}

/** Undefined once an error has been said. */
export function readCommonTls(values: CommonValues, at: Reading): TlsConfig | undefined {
  const suffix = isBase64Family(values) ? "_base64" : "";
  const names = {
    ca: `ca_certs${suffix}`,
    cert: `cert${suffix}`,
    key: `cert_key${suffix}`,
  } as const;
  const declared = { ca: values[names.ca], cert: values[names.cert], key: values[names.key] };
  if (suffix !== "") {
    warnOfIgnoredFiles(values, at);
  }
  const source = (value: string | undefined, name: string) =>
    suffix === "" ? file(value) : decode(value, at.child(name, true));
  const cert = source(declared.cert, names.cert);
  const key = source(declared.key, names.key);
  const ca = (declared.ca ?? []).flatMap((one) => source(one, names.ca) ?? []);
  if (!isPair(declared.cert, declared.key, [names.cert, names.key], at)) {
    return undefined;
  }
  return {
    ca,
    insecureSkipVerify: values.insecure_skip_verify ?? false,
    ...(cert && { cert }),
    ...(key && { key }),
    ...(given(values.server_name) && { serverName: values.server_name }),
    ...minVersion(values),
  };
}

function minVersion({ tls_min_version: version }: CommonValues): Pick<TlsConfig, "minVersion"> {
  return version === undefined ? {} : { minVersion: version };
}

/** An explicit `insecure_skip_verify = false` counts: it asks for verification. */
function isNewFamily(values: CommonValues): boolean {
  return (
    given(values.ca_certs) ||
    given(values.cert) ||
    given(values.cert_key) ||
    isBase64Family(values) ||
    given(values.server_name) ||
    values.insecure_skip_verify !== undefined
  );
}

function isBase64Family(values: CommonValues): boolean {
  return (
    given(values.ca_certs_base64) || given(values.cert_base64) || given(values.cert_key_base64)
  );
}

function warnOfSystem(values: TlsValues, at: Reading): void {
  const declared = isBase64Family(values) ? values.ca_certs_base64 : values.ca_certs;
  if (given(declared) || values.insecure_skip_verify === true) {
    return;
  }
  const first = Object.keys(tlsSchema).find(
    (name) => Object.hasOwn(values, name) && isSet(values, name),
  );
  at.child(first ?? "ca_certs").warn(
    "without ca_certs the certificate is verified by the authorities of Node and the system (DataKit would not verify it)",
  );
}

function oldFamily(values: TlsValues, at: Reading): TlsConfig | undefined {
  const ca = file(values.tls_ca);
  if (ca === undefined) {
    at.child("tls_open").warn(
      "without tls_ca the certificate of the target is not verified; set ca_certs to verify it",
    );
  }
  if (!isPair(values.tls_cert, values.tls_key, ["tls_cert", "tls_key"], at)) {
    return undefined;
  }
  const cert = file(values.tls_cert);
  const key = file(values.tls_key);
  return {
    ca: ca === undefined ? [] : [ca],
    insecureSkipVerify: ca === undefined,
    ...(cert && { cert }),
    ...(key && { key }),
    ...minVersion(values),
  };
}

function isPair(
  cert: string | undefined,
  key: string | undefined,
  [certName, keyName]: readonly [cert: string, key: string],
  at: Reading,
): boolean {
  if (given(cert) === given(key)) {
    return true;
  }
  const [has, lacks] = given(cert) ? [certName, keyName] : [keyName, certName];
  at.child(has).error(`needs ${lacks} too`);
  return false;
}

function warnOfIgnoredFiles(values: CommonValues, at: Reading): void {
  for (const name of ["ca_certs", "cert", "cert_key"] as const) {
    if (given(values[name])) {
      at.child(name).warn("has no effect beside the base64 keys");
    }
  }
}

function isSet(values: TlsValues, name: string): boolean {
  const value: unknown = Reflect.get(values, name);
  return value !== undefined && value !== "" && !name.startsWith("tls_");
}

function given<T extends string | readonly string[]>(value: T | undefined): value is T {
  return value !== undefined && value.length > 0;
}

function file(path: string | undefined): PemSource | undefined {
  return given(path) ? { kind: "file", path } : undefined;
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
