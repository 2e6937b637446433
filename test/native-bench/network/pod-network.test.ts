import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findNetwork } from "../../../native-bench/network/find-network.ts";
import type { Network } from "../../../native-bench/network/network.ts";
import { openPodNetwork } from "../../../native-bench/network/pod-network.ts";
import { ServerHandle } from "../../../native-bench/servers/server-handle.ts";

const run = promisify(execFile);
// Containers do not allow it as a rule; the benchmark falls back then, which `find-network.test.ts` holds.
const isPossible = (await findNetwork(undefined)).title.startsWith("pod");
const ifPossible = test.skipIf(!isPossible);

let network: Network | undefined;

beforeAll(async () => {
  network = isPossible ? await openPodNetwork() : undefined;
});

afterAll(() => network?.stop());

ifPossible("a target and the sink answer the contender, from addresses of their own", async () => {
  const { pods = [], sinkHost = "" } = network ?? {};
  const part = { name: "node", recipe: { kind: "node", size: 200 }, churn: 0 } as const;
  const targets = await ServerHandle.start(
    {
      role: "targets",
      parts: [{ ...part, targets: 2, intervalSeconds: 60 }],
      seed: 1,
      addresses: ["10.244.1.1", "10.244.3.250"],
      encoding: "identity",
    },
    pods,
  );
  const sink = await ServerHandle.start({ role: "sink", host: sinkHost }, pods);
  try {
    await fromAgent(`http://10.244.1.1:${targets.port}/metrics`);
    expect(await targets.count()).toMatchObject({ scrapes: 1, waiting: 1 });
    expect(await fromAgent(`http://10.244.3.250:${targets.port}/metrics`)).toContain("# TYPE");
    expect(await targets.count()).toMatchObject({ scrapes: 2, waiting: 0 });
    expect(await fromAgent(`http://${sinkHost}:${sink.port}/`)).toBe("{}");
  } finally {
    targets.stop();
    sink.stop();
  }
});

ifPossible("two networks at once do not see each other", async () => {
  const other = await openPodNetwork();
  try {
    const namespaceOf = async ([file = "", ...args]: readonly string[]): Promise<string> => {
      return (await run(file, [...args, "readlink", "/proc/self/ns/net"])).stdout;
    };
    const names = [network?.pods, network?.agent, other.pods, other.agent];
    const seen = await Promise.all(names.map((launcher) => namespaceOf(launcher ?? [])));
    expect(new Set(seen).size).toBe(4);
  } finally {
    other.stop();
  }
});

async function fromAgent(url: string): Promise<string> {
  const script = "process.stdout.write(await (await fetch(process.argv[1])).text())";
  const [file = "", ...args] = [...(network?.agent ?? []), process.execPath];
  return (await run(file, [...args, "--input-type=module", "-e", script, url])).stdout;
}
