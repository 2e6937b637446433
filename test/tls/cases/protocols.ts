import { good, LAX, named, only, root, saying, showing, trusting } from "./authorities.ts";
import type { CertificateCase } from "./certificate-case.ts";

export const PROTOCOLS: readonly CertificateCase[] = [
  {
    name: "TLS 1.1 only",
    client: trusting(root),
    server: { ...showing(good), ...LAX, ...only("TLSv1.1") },
    ours: /no TLS version that is allowed here: tls_min_version/,
    go: "tls: protocol version not supported",
  },
  {
    name: "TLS 1.1 only, tls_min_version 1.1",
    client: { ...trusting(root), minVersion: "1.1" },
    server: { ...showing(good), ...LAX, ...only("TLSv1.1") },
    ours: "ok",
    go: "ok",
  },
  {
    name: "TLS 1.0 only, tls_min_version 1.0",
    client: { ...trusting(root), minVersion: "1.0" },
    server: { ...showing(good), ...LAX, ...only("TLSv1") },
    ours: "ok",
    go: "ok",
  },
  {
    name: "TLS 1.2 only, tls_min_version 1.3",
    client: { ...trusting(root), minVersion: "1.3" },
    server: { ...showing(good), ...only("TLSv1.2") },
    ours: /no TLS version that is allowed here/,
    go: "tls: protocol version not supported",
  },
  {
    name: "no cipher in common",
    client: trusting(root),
    server: { ...showing(good), ...only("TLSv1.2"), ciphers: "ECDHE-ECDSA-AES256-CCM8" },
    ours: /refuses the handshake:.*shares no cipher/,
    go: "tls: handshake failure",
  },
  {
    name: "HTTP/2 only",
    client: trusting(root),
    server: { ...showing(good), ALPNProtocols: ["h2"] },
    ours: /does not speak HTTP\/1\.1 on this port/,
    targetOnly: true,
    go: "ok",
  },
  {
    name: "a server that does not know the name",
    client: named("a.test"),
    server: saying(Buffer.of(0x15, 3, 3, 0, 2, 2, 112)),
    ours: /no certificate for the name.*set server_name/,
    go: "tls: unrecognized name",
  },
  {
    name: "plain http",
    client: trusting(root),
    server: saying("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    ours: /may speak plain http on this port/,
    go: "http: server gave HTTP response to HTTPS client",
  },
  {
    name: "the end of the connection in place of an answer",
    client: trusting(root),
    server: saying(""),
    ours: /closed the connection within the TLS handshake/,
    go: "EOF",
  },
  {
    name: "a reset in place of an answer",
    client: trusting(root),
    server: (socket) => void socket.once("data", () => socket.resetAndDestroy()),
    ours: /ECONNRESET/,
    reason: "connection_reset",
    go: "read tcp …->…: read: connection reset by peer",
  },
];
