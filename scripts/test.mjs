// All checks in the order in which they are cheap: plug-in list, types, lint, format, tests. Arguments go to vitest.
// Ends with vitest's own counts and exit code.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root, run } from "./steps.mjs";

const bin = (...path) => join(root, "node_modules", ...path);

run(process.execPath, [join(root, "scripts", "plugins.mjs"), "--check"], "plug-in list");
run(process.execPath, [bin("typescript", "bin", "tsc"), "--noEmit", "-p", "tsconfig.json"], "types");
run(process.execPath, [bin("eslint", "bin", "eslint.js"), "."], "lint");
run(
  process.execPath,
  [bin("prettier", "bin", "prettier.cjs"), "--check", "--log-level", "warn", "."],
  "format",
);
const tests = spawnSync(process.execPath, [bin("vitest", "vitest.mjs"), "run", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
process.exit(tests.status ?? 1);
