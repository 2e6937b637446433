import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { CHECKOUT } from "./agent-process.ts";

/** Of util-linux and iproute2. */
const UNSHARE = "unshare";
const NSENTER = "nsenter";
const IP = "ip";
/** Set in the test process that runs inside a namespace. */
const INSIDE = "PROMLINE_TEST_NETNS";

/** This process has a network of its own: interfaces may be made. */
export const isInNamespace = process.env[INSIDE] === "1";

/** Undefined where this machine can make network namespaces; else why not. */
export function noNamespaces(): string | undefined {
  const tried = spawnSync(UNSHARE, ["-n", "ip", "link", "set", "lo", "up"], { encoding: "utf8" });
  return tried.status === 0 ? undefined : `no network namespaces: ${tried.stderr ?? tried.error}`;
}

/** Runs a test file again, in a network namespace of its own; throws what it said where it fails. */
export function runInNamespace(file: string): void {
  const vitest = `${CHECKOUT}node_modules/vitest/vitest.mjs`;
  const { status, stdout, stderr } = spawnSync(
    UNSHARE,
    ["-n", process.execPath, vitest, "run", "--project", "e2e", file],
    { cwd: CHECKOUT, encoding: "utf8", env: { ...process.env, [INSIDE]: "1" }, timeout: 100_000 },
  );
  if (status !== 0) {
    throw new Error(`${stdout}\n${stderr}`);
  }
}

export function ip(...args: readonly string[]): void {
  execFileSync(IP, args);
}

/**
 * A pod beside this namespace, as a container network makes them: a namespace of its own, behind a pair of interfaces, with `addresses`
 * that are none of this namespace's. It answers any GET on `port` and says which Accept-Encoding came to which address.
 */
export class PodNamespace {
  /** `address encoding`, one for each request. */
  readonly asked: string[] = [];

  static async start(addresses: readonly string[], port: number): Promise<PodNamespace> {
    const pod = new PodNamespace();
    const child = spawn(UNSHARE, ["-n", process.execPath, "--eval", SERVER, String(port)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    await once(child.stdout, "data");
    const inPod = (...args: readonly string[]): void => {
      execFileSync(NSENTER, ["-t", String(child.pid), "-n", "ip", ...args]);
    };
    ip(..."link add name pod0 type veth peer name eth0 netns".split(" "), String(child.pid));
    ip("link", "set", "pod0", "up");
    inPod("link", "set", "eth0", "up");
    for (const address of addresses) {
      inPod("addr", "add", `${address}/32`, "dev", "eth0");
      ip("route", "add", address, "dev", "pod0");
    }
    inPod("route", "add", "default", "dev", "eth0");
    child.stdout.on("data", (text: Buffer) => {
      pod.asked.push(...text.toString().trim().split("\n"));
    });
    return pod;
  }

  /** What came to an address last. */
  last(address: string): string | undefined {
    return this.asked.findLast((line) => line.startsWith(`${address} `))?.split(" ")[1];
  }
}

const SERVER = `
  require("node:http").createServer((request, response) => {
    console.log(request.socket.localAddress + " " + request.headers["accept-encoding"]);
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end("up_time 1\\n");
  }).listen(Number(process.argv[1]), "0.0.0.0", () => console.log("listens"));
`;
