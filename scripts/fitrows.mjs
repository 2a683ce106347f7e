// What the fits of codec tables have in common: built modules of the harness, and the simulated modules that tables are fitted to.
// No real module is read. The rows are other rows than those of the data sets (other seed), so that the data sets can judge.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./steps.mjs";

export const built = (name) => import(pathToFileURL(join(root, "dist", "harness", name)).href);
export const tableFile = (name) => join(root, "harness", "codecs", `${name}.ts`);

const { makeVariant } = await built("engine/datasets.js");

const SETS = ["hgcal-electron-200pu", "hgcal-ttbar-200pu", "hgcal-ttbar-0pu"];
const ROWS_OF_SET = [12000, 12000, 3000];
const SEED = 20251;
const CELLS = 48;

/** Tables of the simulated sets, labels included; `share` takes that part of the rows. */
export function fitTables(share = 1) {
  return Promise.all(
    SETS.map((id, k) => makeVariant(id, Math.round(ROWS_OF_SET[k] * share), SEED + k, { threads: 2 })),
  );
}

/** The charges [48] of each module that is not empty. */
export async function fitRows(share = 1) {
  const tables = await fitTables(share);
  return tables.flatMap(({ calq, rows }) =>
    Array.from({ length: rows }, (_, row) => calq.slice(row * CELLS, (row + 1) * CELLS)).filter((charges) =>
      charges.some((charge) => charge > 0),
    ),
  );
}
