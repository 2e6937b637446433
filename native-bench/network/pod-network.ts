// A node's pods in two network namespaces, joined by a pair of virtual Ethernet devices:
//
//   contender                          targets and sink
//   eth0 10.244.0.2/24 ── veth ── eth0 10.244.0.1/24
//   lo   127.0.0.1                lo   10.244.1.0/24 … 10.244.8.0/24: one address for each target
//   default via 10.244.0.1             10.96.0.10: the sink
//
// Whole nets are routed as local, so that any address of theirs can be listened at without being set up by itself.

import { programOutput } from "../contenders/program-output.ts";
import { NamespaceHolder } from "./namespace-holder.ts";
import type { Network } from "./network.ts";

const SINK = "10.96.0.10";
/** Of 250 targets each. */
const NETS = 8;
/** Nobody else is in there. */
const ADMIN_PORT = 9529;

/** Throws where the machine does not allow it, with what the system says. */
export async function openPodNetwork(): Promise<Network> {
  const pods = await NamespaceHolder.start();
  let agent: NamespaceHolder | undefined;
  try {
    agent = await NamespaceHolder.start();
    await configure(pods.launcher, podsScript(agent.pid));
    await configure(agent.launcher, agentScript());
  } catch (error) {
    agent?.stop();
    pods.stop();
    throw error;
  }
  const holders = [agent, pods];
  return {
    prefix: "10.244",
    sinkHost: SINK,
    pods: pods.launcher,
    agent: agent.launcher,
    adminPort: async () => ADMIN_PORT,
    stop: () => {
      for (const holder of holders) {
        holder.stop();
      }
    },
  };
}

function podsScript(agentPid: number): string[] {
  const nets = Array.from({ length: NETS }, (_, index) => `10.244.${index + 1}.0/24`);
  return [
    "ip link set lo up",
    `ip link add eth0 type veth peer name eth0 netns ${agentPid}`,
    "ip addr add 10.244.0.1/24 dev eth0",
    "ip link set eth0 up",
    ...[...nets, `${SINK}/32`].map((net) => `ip route add local ${net} dev lo`),
  ];
}

function agentScript(): string[] {
  return [
    "ip link set lo up",
    "ip addr add 10.244.0.2/24 dev eth0",
    "ip link set eth0 up",
    "ip route add default via 10.244.0.1",
  ];
}

async function configure([file = "", ...args]: readonly string[], script: readonly string[]) {
  const { ok, text } = await programOutput(file, [...args, "sh", "-ec", script.join("\n")]);
  if (!ok) {
    throw new Error(text);
  }
}
