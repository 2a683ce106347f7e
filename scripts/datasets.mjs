// Writes the SHA-256 of each size of the named (default: all) embedded data sets into their manifests. By hand, after a change
// of a generator: `npm run build && node scripts/datasets.mjs [id...]`. Smaller sizes are the first rows of the larger ones.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./steps.mjs";

const engine = (name) => import(pathToFileURL(join(root, "dist", "harness", "engine", name)).href);
const { firstOfChunk, streamChunks } = await engine("datasetstream.js");
const { sourceOf } = await engine("datasets.js");

const wanted = process.argv.slice(2);
const bytesOf = (chunk) =>
  chunk.lines === undefined
    ? new Uint8Array(chunk.values.buffer, chunk.values.byteOffset, chunk.values.byteLength)
    : new TextEncoder().encode(chunk.lines);

function restOfChunk(chunk, rows) {
  if (chunk.lines !== undefined) {
    return { rows: chunk.rows - rows, lines: chunk.lines.split("\n").slice(rows).join("\n") };
  }
  const width = chunk.values.length / chunk.rows;
  return { rows: chunk.rows - rows, values: chunk.values.slice(rows * width), labels: [] };
}

for (const name of readdirSync(join(root, "datasets")).filter((file) => file.endsWith(".json"))) {
  const path = join(root, "datasets", name);
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  if (wanted.length > 0 && !wanted.includes(manifest.id)) continue;
  const hash = createHash("sha256");
  const sizes = Object.entries(manifest.sizes);
  manifest.sha256 = {};
  let done = 0;
  for await (let chunk of streamChunks(sourceOf(manifest), { threads: availableParallelism() })) {
    while (sizes.length > 0 && done + chunk.rows >= sizes[0][1]) {
      const [size, rows] = sizes.shift();
      const part = firstOfChunk(chunk, rows - done);
      if (rows > done) hash.update(bytesOf(part));
      if (rows > done) chunk = restOfChunk(chunk, rows - done);
      done = rows;
      manifest.sha256[size] = hash.copy().digest("hex");
      process.stderr.write(`${manifest.id} ${size}: ${rows} rows ${manifest.sha256[size]}\n`);
    }
    if (sizes.length === 0) break;
    hash.update(bytesOf(chunk));
    done += chunk.rows;
  }
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
}
