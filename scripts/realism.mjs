// Records how like real modules and jets the simulated sets are, datasets/realism/<id>.json: aggregates alone, for pages of runs that have
// no real files. `npm run build && WAFERMARK_DATA=folder node scripts/realism.mjs [id...]`, after every change of a generator.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "prettier";
import { root } from "./steps.mjs";

const { realReference } = await import("../dist/harness/engine/realreferences.js");
const { withoutRealShares } = await import("../dist/harness/engine/realismrecords.js");
const { allDatasetIds, readManifest } = await import("../dist/harness/engine/datasets.js");

if ((process.env.WAFERMARK_DATA ?? "") === "") {
  console.error("WAFERMARK_DATA: expected the folder with the real files, got none");
  process.exit(2);
}
const wanted = process.argv.slice(2);
const cli = join(root, "dist", "harness", "cli.js");
const scratch = mkdtempSync(join(tmpdir(), "wafermark-realism-"));
mkdirSync(join(root, "datasets", "realism"), { recursive: true });
const checked = (dataset) => {
  const out = join(scratch, `${dataset}.json`);
  execFileSync(process.execPath, [cli, "datasets", "check", dataset, "--quiet", "--out", out]);
  return JSON.parse(readFileSync(out, "utf8"));
};
const keep = async (dataset, entry) => {
  const file = join(root, "datasets", "realism", `${dataset}.json`);
  const dated = {
    dataset,
    ...entry,
    date: new Date().toISOString().slice(0, 10),
    command: `wafermark datasets check ${dataset}`,
  };
  writeFileSync(file, await format(JSON.stringify(dated), { parser: "json", printWidth: 110 }));
};
for (const dataset of wanted.length === 0 ? allDatasetIds : wanted) {
  const { domain } = await readManifest(dataset);
  const reference = realReference(dataset);
  if (domain === "jets") {
    const record = checked(dataset);
    await keep(dataset, { record });
    console.log(`${dataset}: rank ${record.rank.rank}, ${record.published.length} published columns`);
  } else if (reference !== undefined) {
    const record = withoutRealShares(checked(dataset));
    record.real.name = reference.file;
    await keep(dataset, { source: "recorded", record });
    console.log(`${dataset}: AUC ${record.classifier.auc.toFixed(3)}`);
  }
}
rmSync(scratch, { recursive: true });
