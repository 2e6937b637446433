import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { onTestFinished } from "vitest";

/**
 * A network namespace with a pair of interfaces to ours, as a pod has one to its node. It goes when the test ends. Needs root
 * and iproute2.
 */
export class PodNetwork {
  /** For `nsenter --net=`. */
  readonly path: string;
  /** The node's address, where servers of the test listen; the pod reaches nothing else. */
  readonly node: string;
  readonly pod: string;

  constructor() {
    const id = randomInt(0x10_0000, 0xff_ffff).toString(16);
    const name = `promline-${id}`;
    const subnet = `10.203.${randomInt(256)}`;
    const base = 4 * randomInt(64);
    this.path = `/run/netns/${name}`;
    this.node = `${subnet}.${base + 1}`;
    this.pod = `${subnet}.${base + 2}`;
    const [outside, inside] = [`pln${id}`, `plp${id}`];
    ip("netns", "add", name);
    // The pair goes with the namespace.
    onTestFinished(() => ip("netns", "del", name));
    ip("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", name);
    ip("address", "add", `${this.node}/30`, "dev", outside);
    ip("link", "set", outside, "up");
    ip("-n", name, "address", "add", `${this.pod}/30`, "dev", inside);
    ip("-n", name, "link", "set", inside, "up");
    ip("-n", name, "link", "set", "lo", "up");
  }
}

const IP = "ip";

function ip(...args: string[]): void {
  execFileSync(IP, args, { stdio: ["ignore", "ignore", "pipe"] });
}
