// Running one build step with a line of progress, and stopping with the step's own exit code when it fails.
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export function run(command, args, title, environment = {}) {
  const begun = performance.now();
  process.stderr.write(`[wafermark] ${title} ...\n`);
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ["inherit", 2, 2],
    env: { ...process.env, ...environment },
  });
  if (result.error) {
    process.stderr.write(`[wafermark] ${title}: ${result.error.message}\n`);
    process.exit(1);
  }
  if (result.status !== 0) {
    process.stderr.write(`[wafermark] ${title} failed (exit ${result.status ?? result.signal})\n`);
    process.exit(result.status ?? 1);
  }
  process.stderr.write(`[wafermark] ${title} done in ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
}
