import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // Vitest leaves one core idle by default, which on two cores doubles the wait.
    maxWorkers: "100%",
    // Made sets must not come from, or go to, the user's own cache.
    env: { WAFERMARK_CACHE: join(tmpdir(), "wafermark-test-cache") },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: { provider: "v8", include: ["harness/**/*.ts", "reports/**/*.ts"] },
  },
});
