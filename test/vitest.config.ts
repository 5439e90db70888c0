import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const shared = {
  exclude: ["**/node_modules/**", ".cache/**", "dist/**"],
  // Most tests wait for servers, processes and times as long as they work. By itself vitest leaves a core free.
  maxWorkers: availableParallelism() + 1,
  // What a file imports is often dearer than its tests: files that follow each other in a worker share it, so nothing
  // that a shared module keeps may be closed or changed for good by one of them.
  isolate: false,
};

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    projects: [
      {
        test: {
          ...shared,
          name: "fast",
          testTimeout: 60_000,
          include: ["src/**/*.test.ts", "infra/shared/**/*.test.ts", "test/bench/*.test.ts"],
        },
      },
      {
        test: {
          ...shared,
          name: "contract",
          include: ["test/contract/**/*.test.ts", "test/simulation/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          ...shared,
          name: "cloud",
          include: ["infra/{ecs,cloudrun,fly}/**/*.test.ts"],
          pool: "forks",
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          ...shared,
          name: "infra",
          include: ["test/infra/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          ...shared,
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          globalSetup: ["test/integration/stories/support/programs.ts"],
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          ...shared,
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          globalSetup: ["test/browser/support/global-setup.ts"],
          // A browser is at work all the time.
          maxWorkers: "100%",
          sequence: { groupOrder: 1 },
          // A page may be slow where others are at work.
          expect: { poll: { timeout: 40_000 } },
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
