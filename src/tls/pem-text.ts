import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** Why a text cannot be used, for people. It quotes nothing of the text. */
export interface PemTrouble {
  readonly kind: "trouble";
  readonly text: string;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;
const UNREADABLE = "\ufffd";

/**
 * The certificates of a file with authorities. Text around them is passed over, and so are blocks that do not parse as long as
 * another one does: Go's `AppendCertsFromPEM` reads such files in the same way.
 */
export function certificatesIn(text: string): string[] | PemTrouble {
  const blocks = blocksOf(text, "CERTIFICATE");
  const good = blocks.filter((pem) => certificateOf(pem) !== undefined);
  if (good.length > 0) {
    return good;
  }
  return trouble(blocks.length > 0 ? "its certificate is damaged" : notPem(text, "certificate"));
}

/** A client certificate, first in its file, and the key that belongs to it. */
export function checkCertificate(text: string): X509Certificate | PemTrouble {
  const [first] = blocksOf(text, "CERTIFICATE");
  if (first === undefined) {
    return trouble(notPem(text, "certificate"));
  }
  return certificateOf(first) ?? trouble("its first certificate is damaged");
}

export function checkKey(text: string): KeyObject | PemTrouble {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text)) {
    return trouble(
      "the key is encrypted, and there is no setting for its passphrase: decrypt it with `openssl pkey -in FILE -out NEW` and protect the new file by its mode",
    );
  }
  if (!/BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(text)) {
    return trouble(notPem(text, "key"));
  }
  try {
    return createPrivateKey(text);
  } catch {
    return trouble("the key is damaged, or of a kind that OpenSSL does not know");
  }
}

/** Undefined: the two belong together. */
export function pairTrouble(certificate: X509Certificate, key: KeyObject): PemTrouble | undefined {
  return certificate.checkPrivateKey(key)
    ? undefined
    : trouble("the key does not belong to the certificate");
}

export function isTrouble(value: object): value is PemTrouble {
  return "kind" in value && value.kind === "trouble";
}

function trouble(text: string): PemTrouble {
  return { kind: "trouble", text };
}

function blocksOf(text: string, label: string): string[] {
  return [...text.matchAll(BLOCK)].flatMap(([pem, found]) => (found === label ? [pem] : []));
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** What a text is that holds no such block: the usual mistakes by name. */
function notPem(text: string, wanted: "certificate" | "key"): string {
  if (text.trim() === "") {
    return "it is empty";
  }
  const [, label = ""] = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text) ?? [];
  if (label === "CERTIFICATE" || label === "PRIVATE KEY" || label.endsWith(" PRIVATE KEY")) {
    const isOther = (label === "CERTIFICATE") === (wanted === "key");
    return isOther
      ? `it holds a ${wanted === "key" ? "certificate" : "key"}, not a ${wanted}`
      : `its ${wanted} is cut off`;
  }
  if (label !== "") {
    return `it holds a ${label.toLowerCase()}, not a ${wanted}`;
  }
  return binaryKind(text, wanted) ?? `it holds no ${wanted} in PEM form`;
}

/** Binary files read as UTF-8: what is no text has become replacement characters. */
function binaryKind(text: string, wanted: "certificate" | "key"): string | undefined {
  if (text.startsWith("\ufeff") || text.slice(0, 40).includes("\0-\0")) {
    return "it is not plain ASCII text (UTF-16?)";
  }
  const head = text.slice(0, 12);
  if (!head.startsWith("0") || !head.includes(UNREADABLE)) {
    return undefined;
  }
  // PFX begins with its version, 3, as an integer (RFC 7292, 4).
  if (head.includes("\u0002\u0001\u0003")) {
    const option = wanted === "key" ? "-nocerts -nodes" : "-nokeys";
    return `it is a PKCS#12 file (.p12, .pfx), which is not supported: take the ${wanted} out with \`openssl pkcs12 -in FILE ${option} -out NEW\``;
  }
  const command = wanted === "key" ? "openssl pkey" : "openssl x509";
  return `it is binary (DER), not PEM: convert it with \`${command} -inform der -in FILE -out NEW\``;
}
