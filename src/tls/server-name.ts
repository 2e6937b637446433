import { X509Certificate } from "node:crypto";
import net from "node:net";
import type { PeerCertificate } from "node:tls";
import { domainToASCII } from "node:url";

const SHOWN_NAMES = 5;

/** The certificate names others than the server that was asked for. */
class ServerNameError extends Error {
  readonly code = "ERR_TLS_CERT_ALTNAME_INVALID";
}

/**
 * Whether a certificate is for `host`, by the rules of Go's client (`x509.Certificate.VerifyHostname`), which is what targets were
 * tried with: only subject alternative names count, never the common name; `*` stands for exactly one label, the first; an
 * address must be there as an address. Node's own check takes common names and refuses `*.example`.
 */
export function checkServerName(host: string, certificate: PeerCertificate): Error | undefined {
  const names = alternativeNames(certificate.subjectaltname);
  if (net.isIP(host) !== 0) {
    return new X509Certificate(certificate.raw).checkIP(host) === undefined
      ? new ServerNameError(nameTrouble(host, names, certificate))
      : undefined;
  }
  const wanted = labelsOf(withoutFinalDot(domainToASCII(host)));
  const matches = names.some(({ kind, name }) => kind === "DNS" && isMatch(labelsOf(name), wanted));
  return matches ? undefined : new ServerNameError(nameTrouble(host, names, certificate));
}

/** What TLS may call the server: names only, no addresses and no final dot (RFC 6066, 3). Empty: nothing. */
export function serverNameIndication(host: string): string {
  return net.isIP(host) === 0 ? withoutFinalDot(domainToASCII(host)) : "";
}

interface AlternativeName {
  readonly kind: string;
  readonly name: string;
}

/** Node writes `DNS:a, IP Address:b`, and a name with anything odd in it as a JSON string. */
function alternativeNames(text: string | undefined): AlternativeName[] {
  const found = (text ?? "").matchAll(/(?:^|, )([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...found].map(([, kind = "", name = ""]) => ({ kind, name }));
}

function isMatch(pattern: readonly string[], wanted: readonly string[]): boolean {
  return (
    wanted.length === pattern.length &&
    wanted.every((label, index) => {
      const part = pattern[index];
      return label !== "" && (part === label || (part === "*" && index === 0));
    })
  );
}

function labelsOf(name: string): string[] {
  return name.toLowerCase().split(".");
}

function withoutFinalDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}

function nameTrouble(
  host: string,
  names: readonly AlternativeName[],
  certificate: PeerCertificate,
): string {
  const shown = names.filter(({ kind }) => kind === "DNS" || kind === "IP Address");
  const kind = net.isIP(host) === 0 ? "" : "address ";
  if (shown.length === 0) {
    const common = [certificate.subject?.CN].flat().filter((one) => one !== undefined);
    const legacy =
      common.length === 0
        ? "names no server"
        : `has only a common name (${common.join(", ")}), which does not count`;
    return `the server's certificate ${legacy}: issue it with ${kind}${host} as a subject alternative name`;
  }
  const list = shown.slice(0, SHOWN_NAMES).map(({ name }) => name);
  const more = shown.length > SHOWN_NAMES ? ` and ${shown.length - SHOWN_NAMES} more` : "";
  return `the server's certificate is not for ${kind}${host} but for ${list.join(", ")}${more}: set server_name to one of these where that is the server you mean`;
}
