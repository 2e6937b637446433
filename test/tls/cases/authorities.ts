import type net from "node:net";
import type tls from "node:tls";
import {
  type Certificate,
  ecKey,
  issue,
  makeAuthority,
  makeCertificate,
  rsaKey,
} from "../certificate.ts";
import type { ClientSide } from "./certificate-case.ts";

export const root = makeAuthority();
export const other = makeAuthority({ name: "other authority" });
export const namesake = makeAuthority();
export const middle = issue(root, { name: "intermediate", names: [], ca: true });
export const good = issue(root);
export const below = issue(middle);
export const alone = makeCertificate();
export const small = rsaKey(1024);
export const smallAuthority = makeAuthority({ name: "small", key: small });
export const rsa = makeAuthority({ name: "rsa", key: rsaKey(2048) });
export const oldAuthority = makeAuthority({ name: "old", valid: [-3, -1] });
export const oldMiddle = issue(root, { name: "old middle", names: [], ca: true, valid: [-3, -1] });
export const noAuthority = issue(root, { name: "no authority", names: [] });
export const last = makeAuthority({ name: "last", pathLength: 0 });
export const beyond = issue(last, { name: "beyond", names: [], ca: true });
export const bounded = makeAuthority({ name: "bounded", permitted: ["ok.test"] });
export const sha1Authority = makeAuthority({ name: "sha1", hash: "sha1" });
export const sha1Middle = issue(root, { name: "sha1 middle", names: [], ca: true, hash: "sha1" });
export const client = issue(root, { name: "client", names: [], use: ["clientAuth"] });
export const strange = issue(other, { name: "client", names: [], use: ["clientAuth"] });
export const shownKey = ecKey();

/** Lets the server use keys and hashes that nobody should. */
export const LAX: tls.TlsOptions = { ciphers: "DEFAULT@SECLEVEL=0" };
export const ASKING: tls.TlsOptions = { requestCert: true, rejectUnauthorized: true, ca: root.pem };

export const showing = (leaf: Certificate, ...chain: readonly Certificate[]): tls.TlsOptions => ({
  cert: [leaf, ...chain].map(({ pem }) => pem).join(""),
  key: leaf.key,
});
export const only = (version: tls.SecureVersion): tls.TlsOptions => ({
  minVersion: version,
  maxVersion: version,
});
export const trusting = (...authorities: readonly Certificate[]): ClientSide => ({
  ca: authorities.map(({ pem }) => pem),
});
export const pair = ({ pem, key }: Certificate) => ({ cert: pem, key });
export const named = (serverName: string, authority = root): ClientSide => ({
  ...trusting(authority),
  serverName,
});
export const saying = (words: string | Buffer) => (socket: net.Socket) =>
  void socket.once("data", () => socket.end(words));
export const encrypted = String(
  shownKey.privateKey.export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "x",
  }),
);
