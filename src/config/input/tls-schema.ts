import { optional } from "../language/schema.ts";
import { boolean, oneOf, string, strings } from "../language/value-types.ts";

const NEW_KEYS = "`ca_certs`, `cert`, `cert_key`";

export const tlsVersion = oneOf(["1.0", "1.1", "1.2", "1.3"], {
  tls10: "1.0",
  tls11: "1.1",
  tls12: "1.2",
  tls13: "1.3",
});

/**
 * Both families of TLS keys. As soon as one of the first family is set, `tls_open` and what goes with it are not looked at;
 * `tls_min_version` goes with either.
 */
export const tlsSchema = {
  ca_certs: optional(
    strings,
    "Files with the certificate authorities to trust, PEM, in place of those of Node and the system; an intermediate or the target's own certificate will do. They are read again when they change.",
    {
      datakit:
        "DataKit does not verify the certificate as soon as no authority is given. Here it is verified, by the authorities of Node and the system.",
    },
  ),
  cert: optional(string, "File with the client certificate, PEM. Needs `cert_key`."),
  cert_key: optional(
    string,
    "File with the key of the client certificate, PEM, not encrypted. Needs `cert`.",
  ),
  ca_certs_base64: optional(
    strings,
    "Certificate authorities, each as PEM in base64. With any base64 key the keys that name files are not looked at.",
    { secret: true },
  ),
  cert_base64: optional(string, "Client certificate as PEM in base64.", { secret: true }),
  cert_key_base64: optional(string, "Key of the client certificate as PEM in base64.", {
    secret: true,
  }),
  server_name: optional(
    string,
    "Name that the certificate of the target must carry, and that is sent as SNI.",
  ),
  insecure_skip_verify: optional(boolean, "Do not verify the certificate of the target.", {
    defaultText: "false",
  }),
  tls_min_version: optional(
    tlsVersion,
    "Oldest version of TLS that is spoken. `1.0` and `1.1` also allow the weak keys and hashes that go with them.",
    { defaultText: '`"1.2"`' },
  ),
  tls_open: optional(
    boolean,
    "Turns on `tls_ca`, `tls_cert` and `tls_key`. Without `tls_ca` the certificate of the target is not verified, with a warning.",
    { insteadUse: NEW_KEYS, defaultText: "false" },
  ),
  tls_ca: optional(string, "File with the certificate authorities, PEM. Only with `tls_open`.", {
    insteadUse: "`ca_certs`",
  }),
  tls_cert: optional(string, "File with the client certificate, PEM. Only with `tls_open`.", {
    insteadUse: "`cert`",
  }),
  tls_key: optional(string, "File with its key, PEM. Only with `tls_open`.", {
    insteadUse: "`cert_key`",
  }),
} as const;
