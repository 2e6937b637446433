import { defineConfig } from "vitest/config";
import { SkipReporter } from "./test/support/skip-reporter.ts";

const E2E = "test/e2e/**/*.test.ts";
/** What has no short form: `npm run soak` alone runs it. */
const SOAK = "test/e2e/**/*.soak.ts";

const SETUP = ["test/support/property-seed.ts"];

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    reporters: ["default", new SkipReporter()],
    coverage: {
      provider: "v8",
      include: ["src/exposition/**", "src/rules/**", "src/lineprotocol/**"],
      thresholds: { lines: 95, branches: 95 },
    },
    projects: [
      {
        test: {
          name: "unit",
          setupFiles: SETUP,
          include: ["test/**/*.test.ts"],
          exclude: [E2E],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "e2e",
          setupFiles: SETUP,
          include: [E2E],
          // Whole processes that are judged by the clock: one test at a time has the machine.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "soak",
          include: [SOAK],
          fileParallelism: false,
          testTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
