import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { HTTP_DEFAULTS, type HttpSettings } from "../../../src/delivery/delivery-settings.ts";
import { HttpConnections } from "../../../src/delivery/send/http-connections.ts";
import { exchange, type HttpEnd } from "../../../src/delivery/send/http-exchange.ts";
import { networkFault } from "../../../src/delivery/send/network-fault.ts";
import type { NameAnswer, Names } from "../../../src/dial/names.ts";
import { Authority, hasOpenssl } from "../../fetch/certificates.ts";
import { answer, serve } from "../../fetch/scripted-server.ts";

const NEVER = new AbortController().signal;

/** Names that all have the answer. */
function namesOf(answered: NameAnswer | Promise<NameAnswer>): Names {
  return { lookup: async () => answered, worked: () => undefined, failed: () => undefined };
}

const HERE = namesOf({ kind: "addresses", addresses: ["127.0.0.1"] });

async function listening(tls?: { readonly cert: string; readonly key: string }) {
  const on = tls === undefined ? {} : { tls };
  const server = await serve((socket) => socket.write(answer("", {}, 200)), on);
  onTestFinished(() => server.close());
  return server;
}

function connectionsOf(
  names: Names,
  settings: Partial<HttpSettings> = {},
  url = "http://dataway.test",
): HttpConnections {
  const connections = new HttpConnections(
    { ...HTTP_DEFAULTS, timeoutMs: 2000, ...settings },
    url,
    systemClock,
    names,
  );
  onTestFinished(() => connections.close());
  return connections;
}

async function ask(connections: HttpConnections, origin: string): Promise<HttpEnd> {
  const limits = { clock: systemClock, timeoutMs: 5000, signal: NEVER };
  const options = { origin, path: "/", method: "GET" } as const;
  return exchange(await connections.dispatcher(), options, limits);
}

function faultOf(end: HttpEnd): string {
  return end.kind === "fault" ? networkFault(end.error) : end.kind;
}

describe("a destination with a name", () => {
  test("is reached where the names say", async () => {
    const { port } = await listening();
    expect((await ask(connectionsOf(HERE), `http://dataway.test:${port}`)).kind).toBe("answer");
  });

  test("is reached at the second address where nobody listens at the first", async () => {
    const { port } = await listening();
    const names = namesOf({ kind: "addresses", addresses: ["127.0.0.9", "127.0.0.1"] });
    expect((await ask(connectionsOf(names), `http://dataway.test:${port}`)).kind).toBe("answer");
  });

  test.for(["ENOTFOUND", "EAI_AGAIN"] as const)("that has no address (%s): dns", async (code) => {
    const names = namesOf({ kind: "fault", code, detail: "no address" });
    expect(faultOf(await ask(connectionsOf(names), "http://dataway.test:9"))).toBe("dns");
  });

  test("that nobody answers for in time: dns", async () => {
    const names = namesOf(new Promise(() => undefined));
    const connections = connectionsOf(names, { timeoutMs: 100 });
    expect(faultOf(await ask(connections, "http://dataway.test:9"))).toBe("dns");
  });

  test("whose lookup hangs does not hold the end of the connections", async () => {
    const connections = connectionsOf(namesOf(new Promise(() => undefined)));
    const asked = ask(connections, "http://dataway.test:9");
    await new Promise((resolve) => setImmediate(resolve));
    await connections.close();
    expect((await asked).kind).toBe("fault");
  });

  test.skipIf(!hasOpenssl)("is asked for a certificate of its name", async () => {
    const authority = new Authority();
    onTestFinished(() => authority.remove());
    const { port } = await listening(authority.issue("server", "DNS:dataway.test"));
    const ca = [{ kind: "text", pem: authority.pair.cert }] as const;
    const connections = connectionsOf(
      HERE,
      { tls: { ca, insecureSkipVerify: false } },
      "https://dataway.test",
    );
    expect((await ask(connections, `https://dataway.test:${port}`)).kind).toBe("answer");
    expect(faultOf(await ask(connections, `https://other.test:${port}`))).not.toBe("answer");
  });

  test.skipIf(!hasOpenssl)("whose TLS handshake never ends: timeout", async () => {
    const server = await serve(() => undefined);
    onTestFinished(() => server.close());
    const connections = connectionsOf(HERE, { timeoutMs: 200 });
    expect(faultOf(await ask(connections, `https://dataway.test:${server.port}`))).toBe("timeout");
  });
});

describe("a connection that is too old", () => {
  test.for([
    ["is replaced where the host has a name", "dataway.test", 3],
    ["is kept where the host is an address", "127.0.0.1", 1],
    ["is kept where the host is this machine", "localhost", 1],
  ] as const)("%s", async ([, host, expected]) => {
    const server = await listening();
    const connections = connectionsOf(HERE, { connectionAgeMs: 1 });
    for (let round = 0; round < 3; round++) {
      expect((await ask(connections, `http://${host}:${server.port}`)).kind).toBe("answer");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(server.accepted()).toBe(expected);
  });
});

test("a proxy with a name is reached where the names say", async () => {
  const proxy = await listening();
  const connections = connectionsOf(HERE, { proxyUrl: `http://proxy.test:${proxy.port}` });
  expect((await ask(connections, "http://dataway.test")).kind).toBe("answer");
  expect(proxy.heads[0]).toMatch(/^(GET http:\/\/dataway\.test\/|CONNECT dataway)/);
});
