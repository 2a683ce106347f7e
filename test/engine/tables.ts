/** Small module tables for tests of the engine. */
import { censusOf } from "../../harness/core/census.js";
import { CELLS, type Label, type ModuleTable } from "../../harness/core/table.js";

/** A table of the given rows (shorter rows are filled with zeros). */
export function tableOf(
  rows: readonly (readonly number[])[],
  labels: Readonly<Partial<Record<Label, readonly number[]>>> = {},
): ModuleTable {
  const calq = new Float64Array(rows.length * CELLS);
  rows.forEach((row, i) => {
    calq.set(row, i * CELLS);
  });
  const columns = new Map(
    Object.entries(labels).map(([name, column]) => [name as Label, Float64Array.from(column)]),
  );
  const slab = { rows: rows.length, calq, labels: columns };
  const notes = { distinct: rows.length, dropped: {}, labels: [...columns.keys()], ignoredColumns: [] };
  return {
    ...slab,
    id: "table",
    provenance: { kind: "synthetic", name: "test", sha256: "0", format: "none", unit: "calq" },
    census: censusOf(slab, notes),
  };
}
