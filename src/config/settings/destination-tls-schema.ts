import { tlsVersion } from "../input/tls-schema.ts";
import { optional } from "../language/schema.ts";
import { boolean, string, strings } from "../language/value-types.ts";

const DOCS = {
  ca_certs:
    "Files with the certificate authorities to trust, PEM, in place of those of Node and the system; an intermediate or the server's own certificate will do. They are read again when they change, like the next two.",
  cert: "File with the client certificate, PEM. Needs `cert_key`.",
  cert_key: "File with its key, PEM, not encrypted. Needs `cert`.",
  ca_certs_base64:
    "The same authorities, each as PEM in base64. With any base64 key the keys that name files are not looked at.",
  cert_base64: "Client certificate as PEM in base64.",
  cert_key_base64: "Its key as PEM in base64.",
  server_name:
    "Name that the certificate must carry in place of the host, and that is sent as SNI.",
  insecure_skip_verify: "The same as `tls_insecure`.",
  tls_min_version:
    "Oldest version of TLS that is spoken. `1.0` and `1.1` also allow the weak keys and hashes that go with them.",
} as const;

/** How TLS is spoken with a destination. */
export const destinationTlsKeys = {
  ca_certs: optional(strings, DOCS.ca_certs),
  cert: optional(string, DOCS.cert),
  cert_key: optional(string, DOCS.cert_key),
  ca_certs_base64: optional(strings, DOCS.ca_certs_base64, { secret: true }),
  cert_base64: optional(string, DOCS.cert_base64, { secret: true }),
  cert_key_base64: optional(string, DOCS.cert_key_base64, { secret: true }),
  server_name: optional(string, DOCS.server_name),
  insecure_skip_verify: optional(boolean, DOCS.insecure_skip_verify, { defaultText: "false" }),
  tls_min_version: optional(tlsVersion, DOCS.tls_min_version, { defaultText: '`"1.2"`' }),
} as const;

/** The same where variables of the environment may say so. */
export const datawayTlsKeys = {
  ca_certs: optional(strings, DOCS.ca_certs, {
    environment: ["ENV_DATAWAY_CA_CERTS"],
    datakit: "There is no such key: DataWay is verified by the authorities of the system.",
  }),
  cert: optional(string, DOCS.cert, { environment: ["ENV_DATAWAY_CERT"] }),
  cert_key: optional(string, DOCS.cert_key, { environment: ["ENV_DATAWAY_CERT_KEY"] }),
  ca_certs_base64: optional(strings, DOCS.ca_certs_base64, {
    secret: true,
    environment: ["ENV_DATAWAY_CA_CERTS_BASE64"],
  }),
  cert_base64: optional(string, DOCS.cert_base64, {
    secret: true,
    environment: ["ENV_DATAWAY_CERT_BASE64"],
  }),
  cert_key_base64: optional(string, DOCS.cert_key_base64, {
    secret: true,
    environment: ["ENV_DATAWAY_CERT_KEY_BASE64"],
  }),
  server_name: optional(string, DOCS.server_name, { environment: ["ENV_DATAWAY_SERVER_NAME"] }),
  insecure_skip_verify: optional(boolean, DOCS.insecure_skip_verify, { defaultText: "false" }),
  tls_min_version: optional(tlsVersion, DOCS.tls_min_version, {
    environment: ["ENV_DATAWAY_TLS_MIN_VERSION"],
    defaultText: '`"1.2"`',
  }),
} as const;
