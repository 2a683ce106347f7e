/**
 * An autoencoder and single cells beside it: a coarse picture of all cells, then a few charges as best choice sends them.
 *
 * Bits, most significant first: 4 header (0) | 9 module sum, 5E4M | latents | n cells, each 6 address, 7 charge (4E3M). Two links
 * have 2 bits for a latent and one cell; three to five have the model of two links with its 3 bits, and 2, 5 and 7 cells.
 *
 * The receiver puts the cells in place and scales the rest of the decoded picture to what is left of the sum. Which cells are sent:
 * "largest" is best choice, which a chip can do beside the encoder; "residual" takes those that the decoder misses most, so that the
 * encoder must hold a decoder, which no chip could.
 */
import { InputError } from "../core/errors.js";
import { CELLS } from "../core/table.js";
import { CODE_4E3M, CODE_5E4M, encodeFloat, restoreCharge } from "../chip/floatcodes.js";
import { latentFormat } from "./aelatents.js";
import type { AutoencoderParts } from "./aemodel.js";
import { checkHeader, STORED_HEADER, type ModuleFormat } from "./modulecodec.js";

const HEADER_BITS = 4;
const ADDRESS_BITS = 6;
/** By links from two on: bits of a latent, cells. */
const LAYOUTS = [
  { bits: 2, cells: 1 },
  { bits: 3, cells: 2 },
  { bits: 3, cells: 5 },
  { bits: 3, cells: 7 },
] as const;

export const CELL_CHOICES = ["largest", "residual"] as const;
export type CellChoice = (typeof CELL_CHOICES)[number];

/** Training indices of the `count` largest of `values`, of equals the lowest first. */
function largest(values: Float64Array, count: number): number[] {
  const order = Array.from(values.keys());
  return order.sort((a, b) => values[b] - values[a] || a - b).slice(0, count);
}

/** Refuses addresses that no encoder writes: beyond the cells, or twice. */
function checkedAddress(cell: number, before: readonly number[]): number {
  if (cell < CELLS && !before.includes(cell)) return cell;
  throw new InputError(`payload: cell address: expected ${CELLS} cells, each once, got ${cell}`, {
    tag: "corrupt",
  });
}

/** Puts the sent charges in place; the others of the picture share what is left of the sum. */
function putCells(
  restored: Float64Array,
  sent: readonly number[],
  charges: readonly number[],
  sum: number,
): void {
  for (const cell of sent) restored[cell] = 0;
  const rest = restored.reduce((total, charge) => total + charge, 0);
  const known = charges.reduce((total, charge) => total + charge, 0);
  const factor = rest > 0 ? Math.max(0, sum - known) / rest : 0;
  for (let cell = 0; cell < CELLS; cell++) restored[cell] *= factor;
  sent.forEach((cell, i) => {
    restored[cell] = charges[i];
  });
}

export function residualFormat(parts: AutoencoderParts, links: number, choice: CellChoice): ModuleFormat {
  const layout = LAYOUTS[links - 2];
  const latent = latentFormat("chip", layout.bits, 1);
  const encode = parts.createEncode();
  const receive = parts.createReceive();
  const values = new Float64Array(parts.latents);
  const picture = new Float64Array(CELLS);

  const chosen = (calq: Float64Array, sum: number): number[] => {
    if (choice === "largest" || sum === 0) return largest(calq, layout.cells);
    receive(values, sum, picture.fill(0));
    return largest(
      picture.map((charge, cell) => Math.abs(charge - calq[cell])),
      layout.cells,
    );
  };
  return {
    encode(calq, writer) {
      const sum = calq.reduce((total, charge) => total + charge, 0);
      const codes = Array.from(sum > 0 ? encode(calq) : values.fill(0), (value) => latent.code(value));
      codes.forEach((code, i) => {
        values[i] = latent.value(code);
      });
      writer.write(STORED_HEADER, HEADER_BITS);
      writer.write(encodeFloat(sum, CODE_5E4M), CODE_5E4M.bits);
      for (const code of codes) writer.write(code, latent.bits);
      for (const cell of chosen(calq, sum)) {
        writer.write(cell, ADDRESS_BITS);
        writer.write(encodeFloat(calq[cell], CODE_4E3M), CODE_4E3M.bits);
      }
    },
    decode(reader, restored) {
      checkHeader(reader.read(HEADER_BITS));
      const sum = restoreCharge(reader.read(CODE_5E4M.bits), CODE_5E4M, 0, "mid");
      for (let i = 0; i < parts.latents; i++) values[i] = latent.value(reader.read(latent.bits));
      const sent: number[] = [];
      const charges: number[] = [];
      for (let k = 0; k < layout.cells; k++) {
        sent.push(checkedAddress(reader.read(ADDRESS_BITS), sent));
        charges.push(restoreCharge(reader.read(CODE_4E3M.bits), CODE_4E3M, 0, "mid"));
      }
      if (sum === 0) return;
      receive(values, sum, restored);
      putCells(restored, sent, charges, sum);
    },
  };
}
