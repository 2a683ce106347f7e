/** When two answers of the EMD kernels agree, and laws about single rows. */
import { STATUS, STATUS_NAME, type Agreement, type Buffers, type Dims } from "../core/kernel.js";
import { largest } from "./transportreference.js";

export const RELATIVE_TOLERANCE = 1e-12;
/** Share of the largest distance below which a difference is the rounding of the masses. */
export const ABSOLUTE_TOLERANCE = 1e-13;

/** Compares `emd` and `status` of all rows with the reference's. */
export function distancesAgree(
  outputs: Buffers,
  expected: Buffers,
  inputs: Buffers,
  { rows }: Dims,
): Agreement {
  const floor = ABSOLUTE_TOLERANCE * largest(inputs.metric);
  let found: Agreement = { ratio: 0, worst: 0, measure: "relative error", where: "emd[0]" };
  for (let row = 0; row < rows; row++) {
    if (outputs.status[row] !== expected.status[row]) {
      const measure = `status ${STATUS_NAME[outputs.status[row]]}`;
      return { ratio: Infinity, worst: outputs.status[row], measure, where: `status[${row}]` };
    }
    const [got, wanted] = [outputs.emd[row], expected.emd[row]];
    if (expected.status[row] !== STATUS.ok) {
      if (Number.isNaN(got)) continue;
      return { ratio: Infinity, worst: got, measure: "number where none exists", where: `emd[${row}]` };
    }
    const error = Math.abs(got - wanted);
    const allowed = Math.max(RELATIVE_TOLERANCE * wanted, floor);
    const ratio = error === 0 ? 0 : error / allowed;
    if (!(ratio <= found.ratio)) {
      found = {
        ratio,
        worst: error / Math.max(wanted, floor / RELATIVE_TOLERANCE),
        measure: "relative error",
        where: `emd[${row}]`,
      };
    }
  }
  return found;
}

export function rowOf(values: ArrayLike<number>, row: number, cells: number): number[] {
  return Array.from({ length: cells }, (_, k) => values[row * cells + k]);
}

/** A law about single rows that have a distance. */
export function eachRow(
  says: (distance: number, original: number[], restored: number[], inputs: Buffers, row: number) => boolean,
): (inputs: Buffers, outputs: Buffers, dims: Dims) => string | undefined {
  return (inputs, outputs, { rows, cells }) => {
    for (let row = 0; row < rows; row++) {
      if (outputs.status[row] !== STATUS.ok) continue;
      const original = rowOf(inputs.original, row, cells);
      const restored = rowOf(inputs.restored, row, cells);
      if (!says(outputs.emd[row], original, restored, inputs, row))
        return `row ${row} has ${outputs.emd[row]}`;
    }
    return undefined;
  };
}
