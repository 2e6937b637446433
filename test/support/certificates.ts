import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Paths of a PEM pair. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  /** Subject alternative names as openssl writes them, `IP:127.0.0.1` or `DNS:etcd.test`. */
  readonly names?: readonly string[];
  readonly use?: "serverAuth" | "clientAuth";
  /** The certificate was valid yesterday and is not any more. */
  readonly expired?: boolean;
}

/** A certificate authority made by openssl in a directory of a test. */
export class Authority {
  readonly cert: string;
  readonly #openssl: string;
  readonly #directory: string;
  readonly #key: string;
  #serial = 0;

  constructor(openssl: string, directory: string, name = "ca") {
    mkdirSync(directory, { recursive: true });
    this.#openssl = openssl;
    this.#directory = directory;
    this.cert = join(directory, `${name}.crt`);
    this.#key = join(directory, `${name}.key`);
    this.#run(
      "req",
      "-x509",
      ...NEW_KEY,
      "-keyout",
      this.#key,
      "-out",
      this.cert,
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
    );
  }

  /** A new key and a certificate for it, signed by this authority, written as `<name>.crt` and `<name>.key`. */
  issue(name: string, options: IssueOptions = {}): CertificatePair {
    this.#serial += 1;
    const cert = join(this.#directory, `${name}.crt`);
    const key = join(this.#directory, `${name}.key`);
    const request = join(this.#directory, `${name}.csr`);
    const extensions = join(this.#directory, `${name}.ext`);
    const names = options.names ?? [];
    const lines = [
      "basicConstraints=critical,CA:FALSE",
      `extendedKeyUsage=${options.use ?? "clientAuth"}`,
      ...(names.length === 0 ? [] : [`subjectAltName=${names.join(",")}`]),
    ];
    writeFileSync(extensions, `${lines.join("\n")}\n`);
    this.#run("req", ...NEW_KEY, "-keyout", key, "-out", request, "-subj", `/CN=${name}`);
    const validity = options.expired ? ["-days", "-1"] : ["-days", "2"];
    this.#run(
      ...["x509", "-req", "-in", request, "-CA", this.cert, "-CAkey", this.#key],
      ...[
        "-set_serial",
        String(1000 + this.#serial),
        "-extfile",
        extensions,
        "-out",
        cert,
        ...validity,
      ],
    );
    return { cert, key };
  }

  #run(...args: string[]): void {
    execFileSync(this.#openssl, args, { stdio: ["ignore", "ignore", "pipe"] });
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-sha256"];

/** Puts `pair` in the place of `target`, each file by a rename, as cert-manager and the kubelet do. */
export function installPair(pair: CertificatePair, target: CertificatePair): void {
  for (const [from, to] of [
    [pair.cert, target.cert],
    [pair.key, target.key],
  ] as const) {
    copyFileSync(from, `${to}.new`);
    renameSync(`${to}.new`, to);
  }
}
