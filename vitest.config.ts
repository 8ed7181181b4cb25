import { defineConfig } from "vitest/config";

const shared = { exclude: ["node_modules/**", "gen/**"], testTimeout: 60_000, hookTimeout: 120_000 };

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    // Two cores: one file at a time per core; a file has its own process, so a crash names its file.
    maxWorkers: 2,
    pool: "forks",
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["{anrf,clients,scripts,bench,training,envoy}/**/*.test.ts"],
        },
      },
      {
        test: {
          ...shared,
          name: "system",
          include: ["{services,tests}/**/*.test.ts"],
          globalSetup: ["./tests/setup.ts"],
        },
      },
    ],
  },
});
