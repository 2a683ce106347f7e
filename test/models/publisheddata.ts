/** The published rows and models that lie in WAFERMARK_DATA, and the subsets on which figures were published. Test code only. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CELLS, type ModuleTable } from "../../harness/core/table.js";
import { readers } from "../../harness/engine/plugins.generated.js";
import { readHdf5Weights } from "../../harness/readers/hdf5weights.js";
import { readModules } from "../../harness/io/moduletable.js";
import { readModelFiles } from "../../harness/io/modelfile.js";
import type { ImportedModel } from "../../harness/models/imported.js";
import { importModel } from "../../harness/models/importmodel.js";

/** Folder with the published econ files; undefined where there is none. */
export const econ = ((): string | undefined => {
  const data = process.env.WAFERMARK_DATA;
  if (data === undefined || data === "") return undefined;
  return [join(data, "econ"), data].find((folder) => existsSync(join(folder, "derived")));
})();

export const why = "skipped: set WAFERMARK_DATA to the folder of published files";

/** Distinct rows of a published table, in order of first occurrence. */
export function distinctRows(file: string): Promise<ModuleTable> {
  return readModules(join(econ ?? "", "calq", file), readers, { distinct: true });
}

export async function loadModel(path: string, arch?: string): Promise<ImportedModel> {
  return importModel(await readModelFiles(path, readHdf5Weights), arch);
}

/** Rows 0, step, 2 step, ... */
export function everyRow({ calq, rows }: { calq: Float64Array; rows: number }, step: number): Float64Array {
  const kept: number[] = [];
  for (let row = 0; row < rows; row += step) kept.push(...calq.subarray(row * CELLS, (row + 1) * CELLS));
  return Float64Array.from(kept);
}
