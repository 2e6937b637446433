import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import net from "node:net";
import { domainToASCII } from "node:url";
import { DAY } from "../../src/units.ts";

/** What a certificate says. Everything has a default that makes a good certificate of a server on 127.0.0.1. */
export interface CertificateParts {
  readonly name?: string;
  /** Subject alternative names: addresses as such, everything else as DNS names. Empty: no extension. */
  readonly names?: readonly string[];
  /** Written as DNS names even where they are addresses. */
  readonly dnsNames?: readonly string[];
  readonly issuer?: Certificate;
  /** Undefined: no basic constraints at all. */
  readonly ca?: boolean;
  readonly pathLength?: number;
  /** Days from now. */
  readonly valid?: readonly [from: number, to: number];
  readonly key?: KeyPair;
  readonly hash?: "sha256" | "sha1" | "md5";
  readonly use?: readonly ("serverAuth" | "clientAuth" | "codeSigning" | "any")[];
  /** DNS names the authority may vouch for. */
  readonly permitted?: readonly string[];
  /** An extension that nobody knows, marked critical. */
  readonly unknownCritical?: boolean;
}

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A certificate made in this process: no openssl, a millisecond each, and every mistake can be built in (RFC 5280, 4.1). */
export interface Certificate {
  readonly name: string;
  readonly der: Buffer;
  readonly pem: string;
  /** PKCS#8. */
  readonly key: string;
  readonly pair: KeyPair;
}

let serial = 1000;

export function ecKey(): KeyPair {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

export function rsaKey(bits: number): KeyPair {
  return generateKeyPairSync("rsa", { modulusLength: bits });
}

export function makeCertificate(parts: CertificateParts = {}): Certificate {
  const { name = "server", issuer, pathLength, valid = [-1, 2], hash = "sha256" } = parts;
  const pair = parts.key ?? ecKey();
  const signer = issuer?.pair ?? pair;
  const algorithm = algorithmOf(signer.privateKey, hash);
  const extensions = [
    ...(parts.ca === undefined ? [] : [basicConstraints(parts.ca, pathLength)]),
    ...(parts.use === undefined ? [] : [extension("2.5.29.37", seq(...parts.use.map(usage)))]),
    ...alternativeNames(parts),
    ...(parts.permitted === undefined ? [] : [nameConstraints(parts.permitted)]),
    ...(parts.unknownCritical ? [extension("1.2.3.4.5", utf8("?"), true)] : []),
    extension("2.5.29.14", octets(keyIdentifier(pair))),
    extension("2.5.29.35", seq(der(0x80, keyIdentifier(signer)))),
  ];
  const toBeSigned = seq(
    der(0xa0, integer(2)),
    integer(++serial),
    algorithm,
    subject(issuer?.name ?? name),
    seq(...valid.map(time)),
    subject(name),
    pair.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, seq(...extensions)),
  );
  const signature = sign(hash, toBeSigned, signer.privateKey);
  const whole = seq(toBeSigned, algorithm, der(0x03, Buffer.of(0), signature));
  return {
    name,
    der: whole,
    pem: pemOf("CERTIFICATE", whole),
    key: String(pair.privateKey.export({ type: "pkcs8", format: "pem" })),
    pair,
  };
}

/** A certificate that may issue others. */
export function makeAuthority(parts: CertificateParts = {}): Certificate {
  return makeCertificate({ name: "authority", names: [], ca: true, ...parts });
}

/** A good certificate of a server on 127.0.0.1 by that authority. */
export function issue(issuer: Certificate, parts: CertificateParts = {}): Certificate {
  return makeCertificate({ issuer, ca: false, ...parts });
}

export function pemOf(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

const OIDS = {
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  codeSigning: "1.3.6.1.5.5.7.3.3",
  any: "2.5.29.37.0",
  ec: { sha256: "1.2.840.10045.4.3.2", sha1: "1.2.840.10045.4.1", md5: "1.2.840.10045.4.1" },
  rsa: {
    sha256: "1.2.840.113549.1.1.11",
    sha1: "1.2.840.113549.1.1.5",
    md5: "1.2.840.113549.1.1.4",
  },
} as const;

function algorithmOf(key: KeyObject, hash: "sha256" | "sha1" | "md5"): Buffer {
  return key.asymmetricKeyType === "rsa"
    ? seq(oid(OIDS.rsa[hash]), der(0x05))
    : seq(oid(OIDS.ec[hash]));
}

function alternativeNames({ names = ["127.0.0.1"], dnsNames = [] }: CertificateParts): Buffer[] {
  const written = [
    ...names.map((name) => (net.isIP(name) === 0 ? dnsName(name) : der(0x87, address(name)))),
    ...dnsNames.map(dnsName),
  ];
  return written.length === 0 ? [] : [extension("2.5.29.17", seq(...written))];
}

function dnsName(name: string): Buffer {
  return der(0x82, Buffer.from(/^[ -~]*$/.test(name) ? name : domainToASCII(name)));
}

function address(text: string): Buffer {
  if (net.isIPv4(text)) {
    return Buffer.from(text.split(".").map(Number));
  }
  const [head = "", tail = ""] = text.split("::");
  const words = (part: string) => (part === "" ? [] : part.split(":"));
  const zeros = Array(8 - words(head).length - words(tail).length).fill("0");
  const all = [...words(head), ...zeros, ...words(tail)];
  return Buffer.concat(all.map((word) => Buffer.from(word.padStart(4, "0"), "hex")));
}

function basicConstraints(ca: boolean, pathLength: number | undefined): Buffer {
  const limit = pathLength === undefined ? [] : [integer(pathLength)];
  return extension("2.5.29.19", seq(...(ca ? [der(0x01, Buffer.of(255)), ...limit] : [])), true);
}

function nameConstraints(permitted: readonly string[]): Buffer {
  const trees = permitted.map((name) => seq(der(0x82, Buffer.from(name))));
  return extension("2.5.29.30", seq(der(0xa0, ...trees)), true);
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return seq(oid(id), ...(critical ? [der(0x01, Buffer.of(255))] : []), octets(value));
}

function usage(use: "serverAuth" | "clientAuth" | "codeSigning" | "any"): Buffer {
  return oid(OIDS[use]);
}

function keyIdentifier({ publicKey }: KeyPair): Buffer {
  const bytes = createPublicKey(publicKey.export({ type: "spki", format: "pem" })).export({
    type: "spki",
    format: "der",
  });
  return createHash("sha1").update(bytes).digest();
}

function subject(name: string): Buffer {
  return seq(der(0x31, seq(oid("2.5.4.3"), utf8(name))));
}

function time(days: number): Buffer {
  const text = new Date(Date.now() + days * DAY).toISOString().replace(/[-:T]|\.\d+/g, "");
  return der(0x18, Buffer.from(text));
}

function integer(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return der(0x02, (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = rest.flatMap((part) => {
    const digits = [part % 128];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift((left % 128) + 128);
    }
    return digits;
  });
  return der(0x06, Buffer.of(first * 40 + second, ...bytes));
}

function utf8(text: string): Buffer {
  return der(0x0c, Buffer.from(text));
}

function octets(bytes: Buffer): Buffer {
  return der(0x04, bytes);
}

function seq(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

/** Tag, length, content (X.690, 8.1). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 128
      ? [length]
      : length < 256
        ? [0x81, length]
        : [0x82, Math.floor(length / 256), length % 256];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
