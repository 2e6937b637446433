import { afterAll, describe, expect, test } from "vitest";
import { PageFetcher } from "../../../src/fetch/page-fetcher.ts";
import type { TlsConfig } from "../../../src/tls-config.ts";
import { Authority, hasOpenssl } from "../certificates.ts";
import { fetchFrom, get, request } from "../fetch-case.ts";
import { RecordingSink } from "../recording-sink.ts";
import { answer, type ListenOn, serve } from "../scripted-server.ts";

const text = (pem: string) => ({ kind: "text" as const, pem });

describe.skipIf(!hasOpenssl)("over TLS (needs the openssl command)", () => {
  const authority = hasOpenssl ? new Authority() : undefined!;
  const stranger = hasOpenssl ? new Authority("another authority") : undefined!;
  afterAll(() => {
    authority?.remove();
    stranger?.remove();
  });

  const trusting = (more: Partial<TlsConfig> = {}): TlsConfig => ({
    ca: [text(authority.pair.cert)],
    insecureSkipVerify: false,
    ...more,
  });

  /** A page over TLS by a server that shows the given certificate. */
  const over = (
    tls: TlsConfig | undefined,
    shown: { cert: string; key: string },
    more: ListenOn["tls"] = {},
  ) =>
    fetchFrom((socket) => socket.write(answer("up 1\n")), {}, tls === undefined ? {} : { tls }, {
      tls: { cert: shown.cert, key: shown.key, ...more },
    });

  test("a certificate of the given authority for the address is accepted", async () => {
    const { outcome, text: page } = await over(trusting(), authority.issue("server"));
    expect(outcome).toEqual({ kind: "ok", status: 200, wireBytes: 5, bodyBytes: 5 });
    expect(page).toBe("up 1\n");
  });

  test.for([
    ["of an authority that was not given", () => over(trusting(), stranger.issue("server"))],
    ["of an authority the system does not know", () => over(undefined, authority.issue("server"))],
    ["for another address", () => over(trusting(), authority.issue("server", "IP:127.0.0.2"))],
    [
      "for another name than server_name",
      () => over(trusting({ serverName: "a.test" }), authority.issue("server", "DNS:b.test")),
    ],
    [
      "that has expired",
      () => over(trusting(), authority.issue("server", "IP:127.0.0.1", ["-days", "-1"])),
    ],
    ["signed by itself", () => over({ ca: [], insecureSkipVerify: false }, stranger.pair)],
  ] as const)("a certificate %s is refused", async ([, fetching]) => {
    const { outcome, heads } = await fetching();
    expect(outcome).toMatchObject({ kind: "failed", reason: "tls", wireBytes: 0 });
    expect(heads).toEqual([]);
  });

  test("insecureSkipVerify accepts any certificate", async () => {
    const tls = { ca: [], insecureSkipVerify: true };
    const { outcome } = await over(tls, stranger.issue("server", "DNS:x.test", ["-days", "-1"]));
    expect(outcome.kind).toBe("ok");
  });

  test("server_name is asked of the certificate in place of the URL's host", async () => {
    const tls = trusting({ serverName: "etcd.test" });
    const { outcome } = await over(tls, authority.issue("server", "DNS:etcd.test"));
    expect(outcome.kind).toBe("ok");
  });

  test("a server_name that is an address is checked as one", async () => {
    const tls = trusting({ serverName: "10.0.0.7" });
    const good = await over(tls, authority.issue("server", "IP:10.0.0.7"));
    const bad = await over(tls, authority.issue("server", "IP:127.0.0.1"));
    expect(good.outcome.kind).toBe("ok");
    expect(bad.outcome).toMatchObject({ reason: "tls" });
  });

  test("several authorities may be given", async () => {
    const tls = trusting({ ca: [text(stranger.pair.cert), text(authority.pair.cert)] });
    expect((await over(tls, authority.issue("server"))).outcome.kind).toBe("ok");
  });

  test("a client certificate is shown where the server asks for one", async () => {
    const client = authority.issue("client");
    const tls = trusting({ cert: text(client.cert), key: text(client.key) });
    const asking = { requestCert: true, rejectUnauthorized: true, ca: authority.pair.cert };
    expect((await over(tls, authority.issue("server"), asking)).outcome.kind).toBe("ok");
  });

  // In TLS 1.3 the client's side of the handshake is over before the server has looked for a certificate.
  test.for(["TLSv1.2", "TLSv1.3"] as const)(
    "no client certificate where one is required, %s",
    async (version) => {
      const asking = {
        requestCert: true,
        rejectUnauthorized: true,
        ca: authority.pair.cert,
        minVersion: version,
        maxVersion: version,
      };
      const { outcome } = await over(trusting(), authority.issue("server"), asking);
      expect(outcome).toMatchObject({ kind: "failed", bodyBytes: 0 });
      expect(outcome).toMatchObject({
        detail: expect.stringMatching(/alert|client certificate/),
      });
    },
  );

  test("TLS over a unix socket checks the name in the URL", async () => {
    const shown = authority.issue("server", "DNS:kubelet.test");
    const path = `${authority.dir}/tls.sock`;
    const server = await serve((socket) => socket.write(answer("up 1\n")), { path, tls: shown });
    const fetcher = new PageFetcher();
    const ask = (host: string) =>
      get(
        fetcher,
        request(`https://${host}/m`, { udsPath: path, tls: trusting() }),
        new RecordingSink(),
      );
    const good = await ask("kubelet.test");
    const bad = await ask("other.test");
    await fetcher.close();
    await server.close();
    expect(good.kind).toBe("ok");
    expect(bad).toMatchObject({ kind: "failed", reason: "tls" });
  });
});
