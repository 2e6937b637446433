import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./command.ts";

/** Node makes keys but no certificates; without the openssl command the tests that need some are skipped and say so. */
export const hasOpenssl = ((): boolean => {
  try {
    run("openssl", ["version"]);
    return true;
  } catch {
    return false;
  }
})();

export interface Pair {
  readonly cert: string;
  readonly key: string;
  readonly certPath: string;
  readonly keyPath: string;
}

/** A certificate authority in a directory of its own. */
export class Authority {
  readonly dir = mkdtempSync(join(tmpdir(), "promline-ca-"));
  readonly pair: Pair;
  #issued = 0;

  constructor(name = "test authority") {
    this.pair = this.#pairAt("ca");
    this.#newKey(this.pair.keyPath);
    const subject = ["-subj", `/CN=${name}`, "-days", "2", "-out", this.pair.certPath];
    openssl(["req", "-x509", "-new", "-key", this.pair.keyPath, ...subject]);
  }

  /** `alt` as openssl writes it, such as `IP:127.0.0.1,DNS:example.test`. */
  issue(name: string, alt = "IP:127.0.0.1", validity: readonly string[] = ["-days", "2"]): Pair {
    this.#issued++;
    const pair = this.#pairAt(`leaf${this.#issued}`);
    this.#newKey(pair.keyPath);
    const request = join(this.dir, `leaf${this.#issued}.csr`);
    const extensions = join(this.dir, `leaf${this.#issued}.ext`);
    writeFileSync(extensions, `subjectAltName=${alt}\n`);
    openssl(["req", "-new", "-key", pair.keyPath, "-subj", `/CN=${name}`, "-out", request]);
    const signer = ["-CA", this.pair.certPath, "-CAkey", this.pair.keyPath, "-CAcreateserial"];
    const leaf = ["-in", request, "-extfile", extensions, "-out", pair.certPath];
    openssl(["x509", "-req", ...signer, ...leaf, ...validity]);
    return pair;
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  #pairAt(name: string): Pair {
    const certPath = join(this.dir, `${name}.pem`);
    const keyPath = join(this.dir, `${name}.key`);
    return {
      certPath,
      keyPath,
      get cert() {
        return readFileSync(certPath, "utf8");
      },
      get key() {
        return readFileSync(keyPath, "utf8");
      },
    };
  }

  #newKey(path: string): void {
    openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path]);
  }
}

function openssl(args: readonly string[]): void {
  run("openssl", args);
}
