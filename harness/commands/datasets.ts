/** `wafermark datasets`: what is embedded, where it comes from, what it holds; see datasets*.ts for the larger subcommands. */
import type { DatasetManifest, DatasetSize } from "../core/dataset.js";
import { EXIT } from "../core/errors.js";
import type { ImportRecord } from "../io/imports.js";
import { defineCommand, type Context } from "./context.js";
import { check } from "./datasetscheck.js";
import { fetchCommand } from "./datasetsfetch.js";
import { importCommand } from "./datasetsimport.js";
import { make, making } from "./datasetsmake.js";
import { choice } from "./options.js";

interface Listed {
  readonly manifest: DatasetManifest;
  readonly imported: ImportRecord | undefined;
}

async function listed(): Promise<Listed[]> {
  const { allDatasetIds, readManifest } = await import("../engine/datasets.js");
  const { cacheFolder } = await import("../io/cache.js");
  const { readImport } = await import("../io/imports.js");
  const found: Listed[] = [];
  for (const id of allDatasetIds)
    found.push({ manifest: await readManifest(id), imported: await readImport(id, cacheFolder()) });
  return found;
}

const ls = defineCommand({
  name: "ls",
  summary: "embedded datasets, and real files imported in their place",
  examples: [["wafermark datasets ls", "ids, domains, sizes and titles"]],
  async run(context) {
    const all = await listed();
    if (context.json) {
      const records = all.map(({ manifest, imported }) => ({ ...manifest, imported: imported ?? null }));
      await context.stdout(`${JSON.stringify(records, null, 2)}\n`);
      return EXIT.done;
    }
    for (const { manifest, imported } of all) {
      const { id, kind, domain, sizes, title } = manifest;
      const rows = Object.entries(sizes).map(([size, count]) => `${size} ${count}`);
      const stands = imported === undefined ? rows.join(", ") : `${imported.rows} rows of ${imported.path}`;
      await context.stdout(
        `${id.padEnd(24)}${(imported === undefined ? kind : "imported").padEnd(11)}${domain.padEnd(9)}${stands.padEnd(42)}${title}\n`,
      );
    }
    return EXIT.done;
  },
});

interface DescribeOptions {
  readonly size: DatasetSize;
}

const heading = (manifest: DatasetManifest): string[] => [
  `${manifest.id}: ${manifest.title} (${manifest.kind})`,
  `source      ${manifest.source}`,
  `licence     ${manifest.licence}`,
  `unit        ${manifest.unit}`,
  `generator   ${JSON.stringify(manifest.generator ?? null)}`,
];

async function describeModules(
  manifest: DatasetManifest,
  size: DatasetSize,
  context: Context,
): Promise<void> {
  const { makeDataset } = await import("../engine/datasets.js");
  const { census, provenance } = await makeDataset(manifest.id, size, await making(context));
  if (context.json) {
    await context.stdout(`${JSON.stringify({ ...manifest, size, provenance, census }, null, 2)}\n`);
    return;
  }
  const isFile = provenance.kind === "file";
  const lines = [
    ...heading(manifest),
    ...(isFile ? [`file        ${provenance.name}, licence ${provenance.licence ?? "not stated"}`] : []),
    `sha256      ${provenance.sha256} (${isFile ? "the file" : size})`,
    `rows        ${census.rows} (${census.distinct} distinct, ${census.empty} empty)`,
    `charge      ${census.minimum} .. ${census.maximum} CALQ, smallest above zero ${census.smallestPositive}, mean sum ${census.meanSum.toFixed(1)}`,
    `cells       ${census.meanNonZero.toFixed(2)} above 0, ${census.meanOccupancy.toFixed(2)} above 1 MIP_T (mean)`,
    `occupancy   ${census.occupancySlices.join(" ")} modules in [0,2) [2,5) [5,10) [10,15) [15,48]`,
    `labels      ${census.labels.join(", ")}`,
  ];
  await context.stdout(`${lines.join("\n")}\n`);
}

/** Jets and events: what they are and which columns they have. */
async function describeOthers(manifest: DatasetManifest, size: DatasetSize, context: Context): Promise<void> {
  const { findGenerator } = await import("../engine/datasetgenerators.js");
  const generator = findGenerator(manifest.generator?.name ?? "none", `dataset ${manifest.id}`);
  const columns =
    generator.kind === "table"
      ? generator.columns.map((name, k) => ({ name, unit: generator.columnUnits.at(k) ?? "" }))
      : [];
  if (context.json) {
    await context.stdout(`${JSON.stringify({ ...manifest, size, columns }, null, 2)}\n`);
    return;
  }
  const lines = [
    ...heading(manifest),
    `sha256      ${new Map(Object.entries(manifest.sha256)).get(size) ?? "none"} (${size})`,
    `rows        ${manifest.sizes[size]}`,
    ...columns.map(({ name, unit }, k) => `${k === 0 ? "columns     " : "            "}${name} [${unit}]`),
  ];
  await context.stdout(`${lines.join("\n")}\n`);
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
    const { readManifest } = await import("../engine/datasets.js");
    const manifest = await readManifest(String(id));
    await (manifest.domain === "modules"
      ? describeModules(manifest, size, context)
      : describeOthers(manifest, size, context));
    return EXIT.done;
  },
});

export const command = defineCommand({
  name: "datasets",
  summary: "embedded datasets",
  examples: [],
  subcommands: [ls, describe, make, importCommand, fetchCommand, check],
});
