import { defineConfig } from "vitest/config";

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    coverage: {
      provider: "v8",
      include: ["src/exposition/**", "src/rules/**", "src/lineprotocol/**"],
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
