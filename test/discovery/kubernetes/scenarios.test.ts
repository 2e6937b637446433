import { expect, test } from "vitest";
import { fakeCluster } from "../../support/kube-cluster.ts";
import { scenarios } from "../../support/kube-scenarios.ts";
import { realCluster } from "../../support/real-cluster.ts";

/** `npm run test:kubernetes` sets it: a real API server takes the place of ours. */
const KUBECONFIG = process.env["PROMLINE_KUBECONFIG"];
const LONG = process.env["PROMLINE_SOAK"] === "1" || KUBECONFIG !== undefined;
const TIMES = LONG ? { churnMs: 120_000, awayMs: 300_000 } : { churnMs: 4000, awayMs: 2000 };

for (const { name, run } of scenarios) {
  test(
    `${KUBECONFIG === undefined ? "fake" : "real"} API server: ${name}`,
    async () => {
      const cluster =
        KUBECONFIG === undefined ? await fakeCluster() : await realCluster(KUBECONFIG);
      await run(cluster, TIMES);
      expect(cluster.violations()).toEqual([]);
    },
    LONG ? 480_000 : 30_000,
  );
}
