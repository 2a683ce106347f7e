// Writes the SHA-256 of each size of each embedded data set into its manifest. By hand, after a change of the generator:
// `npm run build && node scripts/datasets.mjs`. Smaller sizes are the first rows of the larger ones.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./steps.mjs";

const SLAB = 2000;
const built = resolve(root, process.argv[2] ?? "dist");
const { makeModules } = await import(pathToFileURL(join(built, "harness", "simulation", "modules.js")).href);

for (const name of readdirSync(join(root, "datasets")).filter((file) => file.endsWith(".json"))) {
  const path = join(root, "datasets", name);
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  const hash = createHash("sha256");
  manifest.sha256 = {};
  let done = 0;
  for (const [size, rows] of Object.entries(manifest.sizes)) {
    while (done < rows) {
      const to = Math.min(rows, done + SLAB - (done % SLAB));
      const { calq } = makeModules(manifest.generator.parameters, manifest.generator.seed, done, to);
      hash.update(new Uint8Array(calq.buffer, calq.byteOffset, calq.byteLength));
      done = to;
    }
    manifest.sha256[size] = hash.copy().digest("hex");
    process.stderr.write(`${manifest.id} ${size}: ${rows} rows ${manifest.sha256[size]}\n`);
  }
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
}
