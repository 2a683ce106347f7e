import { defineConfig } from "vitest/config";

/** Long random tests, by hand: `npm run fuzz`. Each prints its seed. */
export default defineConfig({
  test: {
    include: ["test/fuzz/**/*.fuzz.ts"],
    pool: "forks",
    testTimeout: 3_600_000,
  },
});
