import { readSmallFileSync } from "../small-file.ts";
import type { PemSource, TlsConfig } from "../tls-config.ts";
import { contextOf, type TlsMaterial } from "./tls-material.ts";

/** What is wrong with a file, said before it is used. */
export interface TlsFileTrouble {
  readonly key: "ca_certs" | "cert" | "cert_key";
  /** Names the file. */
  readonly text: string;
}

/** What would be `tls_files` if a connection were made now; for the load of a configuration, so it reads at once. */
export function tlsFileTroubles({ ca, cert, key }: TlsConfig): TlsFileTrouble[] {
  const authorities = ca.flatMap((source) => {
    const text = troubleOf({ ca: [source], insecureSkipVerify: false });
    return text === undefined ? [] : [{ key: "ca_certs", text } as const];
  });
  if (cert === undefined || key === undefined) {
    return authorities;
  }
  const text = troubleOf({ ca: [], cert, key, insecureSkipVerify: true });
  if (text === undefined) {
    return authorities;
  }
  const isKey = key.kind === "file" ? text.startsWith(key.path) : text.startsWith("key ");
  return [...authorities, { key: isKey ? "cert_key" : "cert", text }];
}

function troubleOf(config: TlsConfig): string | undefined {
  const texts = new Map<PemSource, string>();
  for (const source of [...config.ca, config.cert, config.key]) {
    if (source !== undefined) {
      const read = textOf(source);
      if (read.kind === "unreadable") {
        return read.detail;
      }
      texts.set(source, read.text);
    }
  }
  const material: TlsMaterial = {
    ca: config.ca.map((source) => texts.get(source) ?? ""),
    ...(config.cert && { cert: texts.get(config.cert) ?? "" }),
    ...(config.key && { key: texts.get(config.key) ?? "" }),
  };
  const context = contextOf(config, material);
  return "kind" in context ? context.detail : undefined;
}

function textOf(source: PemSource) {
  return source.kind === "text"
    ? ({ kind: "ok", text: source.pem } as const)
    : readSmallFileSync(source.path);
}
