import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Domains that resolv.conf names. */
export const SEARCH = ["shop.svc.k8s.test", "svc.k8s.test", "k8s.test"];

/**
 * Makes the network and mount namespaces this process is in (`unshare -n -m`) a machine with a resolv.conf and hosts file of its own.
 * Addresses in 10.9.9.0/24 lead to a wire with nobody on it: what is sent there is lost.
 */
export function makeMachine(directory: string): void {
  sh("ip link set lo up");
  sh("ip link add veth0 type veth peer name veth1");
  sh("ip addr add 10.9.9.1/24 dev veth0 && ip link set veth0 up && ip link set veth1 up");
  for (let host = 9; host < 20; host++) {
    // Without this the kernel asks for the neighbour first and sends no SYN.
    sh(`ip neigh add 10.9.9.${host} lladdr 02:00:00:00:00:01 dev veth0 nud permanent`);
  }
  const etc = {
    "resolv.conf": `search ${SEARCH.join(" ")}\nnameserver 127.0.0.53\noptions ndots:5\n`,
    hosts: [
      "127.0.0.1 localhost in-hosts # and a comment",
      "::1 localhost",
      "127.0.0.1 hosts.both.test",
      "::1 hosts.both.test\n",
    ].join("\n"),
  };
  for (const [name, text] of Object.entries(etc)) {
    const path = join(directory, name);
    writeFileSync(path, text);
    sh(`mount --bind "${path}" /etc/${name}`);
  }
}

/** From now on the address is this machine's. */
export function bringUp(address: string): void {
  sh(`ip addr add ${address}/32 dev lo`);
}

function sh(command: string): void {
  execFileSync("sh", ["-c", command]);
}
