// Records how like real modules the simulated sets are, datasets/realism/<id>.json: aggregates alone, for pages of runs that have
// no real rows. `npm run build && WAFERMARK_DATA=folder node scripts/realism.mjs [id...]`, after every change of a generator.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "prettier";
import { root } from "./steps.mjs";

const { realReference } = await import("../dist/harness/engine/realreferences.js");
const { withoutRealShares } = await import("../dist/harness/engine/realismrecords.js");
const { datasetIds } = await import("../dist/harness/engine/datasets.js");

if ((process.env.WAFERMARK_DATA ?? "") === "") {
  console.error("WAFERMARK_DATA: expected the folder with the real files, got none");
  process.exit(2);
}
const wanted = process.argv.slice(2);
const cli = join(root, "dist", "harness", "cli.js");
const scratch = mkdtempSync(join(tmpdir(), "wafermark-realism-"));
mkdirSync(join(root, "datasets", "realism"), { recursive: true });
for (const dataset of wanted.length === 0 ? datasetIds : wanted) {
  const reference = realReference(dataset);
  if (reference === undefined) continue;
  const out = join(scratch, `${dataset}.json`);
  execFileSync(process.execPath, [cli, "datasets", "check", dataset, "--quiet", "--out", out]);
  const record = withoutRealShares(JSON.parse(readFileSync(out, "utf8")));
  record.real.name = reference.file;
  const entry = {
    dataset,
    source: "recorded",
    date: new Date().toISOString().slice(0, 10),
    command: `wafermark datasets check ${dataset}`,
    record,
  };
  const file = join(root, "datasets", "realism", `${dataset}.json`);
  writeFileSync(file, await format(JSON.stringify(entry), { parser: "json", printWidth: 110 }));
  console.log(`${dataset}: AUC ${record.classifier.auc.toFixed(3)}`);
}
rmSync(scratch, { recursive: true });
