/** `wafermark datasets`: what is embedded, where it comes from, what it holds; see datasets*.ts for the larger subcommands. */
import { EXIT } from "../core/errors.js";
import { defineCommand } from "./context.js";
import { check } from "./datasetscheck.js";
import { choice } from "./options.js";

const ls = defineCommand({
  name: "ls",
  summary: "embedded datasets",
  examples: [["wafermark datasets ls", "ids, sizes and titles"]],
  async run(context) {
    const { datasetIds, readManifest } = await import("../engine/datasets.js");
    const manifests = [];
    for (const id of datasetIds) manifests.push(await readManifest(id));
    if (context.json) {
      await context.stdout(`${JSON.stringify(manifests, null, 2)}\n`);
      return EXIT.done;
    }
    for (const { id, kind, sizes, title } of manifests) {
      const rows = Object.entries(sizes).map(([size, count]) => `${size} ${count}`);
      await context.stdout(`${id.padEnd(24)}${kind.padEnd(11)}${rows.join(", ").padEnd(42)}${title}\n`);
    }
    return EXIT.done;
  },
});

interface DescribeOptions {
  readonly size: "smoke" | "standard" | "full";
}

const describe = defineCommand<DescribeOptions>({
  name: "describe",
  summary: "manifest of a dataset and a census of its rows",
  arguments: [{ name: "<id>", says: "a dataset of `wafermark datasets ls`" }],
  options: [
    {
      flags: "--size <size>",
      says: "smoke, standard or full",
      default: "smoke",
      parse: choice("--size", ["smoke", "standard", "full"]),
    },
  ],
  examples: [["wafermark datasets describe hgcal-ttbar-200pu", "source, parameters, occupancy"]],
  async run(context, [id], { size }) {
    const { makeDataset, readManifest } = await import("../engine/datasets.js");
    const manifest = await readManifest(String(id));
    const { progress, signal } = context;
    const { census, provenance } = await makeDataset(manifest.id, size, { progress, signal });
    const record = { ...manifest, size, census };
    if (context.json) {
      await context.stdout(`${JSON.stringify(record, null, 2)}\n`);
      return EXIT.done;
    }
    const lines = [
      `${manifest.id}: ${manifest.title} (${manifest.kind})`,
      `source      ${manifest.source}`,
      `licence     ${manifest.licence}`,
      `unit        ${manifest.unit}`,
      `generator   ${JSON.stringify(manifest.generator ?? null)}`,
      `sha256      ${provenance.sha256} (${size})`,
      `rows        ${census.rows} (${census.distinct} distinct, ${census.empty} empty)`,
      `charge      ${census.minimum} .. ${census.maximum} CALQ, smallest above zero ${census.smallestPositive}, mean sum ${census.meanSum.toFixed(1)}`,
      `cells       ${census.meanNonZero.toFixed(2)} above 0, ${census.meanOccupancy.toFixed(2)} above 1 MIP_T (mean)`,
      `occupancy   ${census.occupancySlices.join(" ")} modules in [0,2) [2,5) [5,10) [10,15) [15,48]`,
      `labels      ${census.labels.join(", ")}`,
    ];
    await context.stdout(`${lines.join("\n")}\n`);
    return EXIT.done;
  },
});

export const command = defineCommand({
  name: "datasets",
  summary: "embedded datasets",
  examples: [],
  subcommands: [ls, describe, check],
});
