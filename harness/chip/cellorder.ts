/**
 * Where each trigger cell stands in the chip: training index (CALQ_i) to channel before and after the multiplexer.
 *
 * These tables belong to a full low-density module; high-density modules are treated alike (both have 48 cells).
 * Source: ECON-T emulator, Utils/LDM_TC_Mapping.csv (ECON_TC_Number_PostMux and _PreMux by TC_Number).
 */

/** Channel after the multiplexer of training index i; four neighbours in it are a 2x2 group, sixteen a third. */
// prettier-ignore
export const POST_MUX: readonly number[] = [
  31, 30, 27, 26, 28, 29, 24, 25, 19, 18, 23, 22, 16, 17, 20, 21,
  15, 14, 11, 10, 12, 13,  8,  9,  3,  2,  7,  6,  0,  1,  4,  5,
  47, 46, 43, 42, 44, 45, 40, 41, 35, 34, 39, 38, 32, 33, 36, 37,
];

/** Channel at the chip's input of training index i. */
// prettier-ignore
export const PRE_MUX: readonly number[] = [
  29, 28, 27, 26, 30, 31, 25, 24, 22, 21, 18, 16, 23, 20, 19, 17,
  15, 12, 11, 10, 14, 13,  8,  9,  6,  5,  2,  0,  7,  4,  3,  1,
  44, 43, 42, 41, 47, 45, 40, 32, 46, 39, 35, 33, 38, 37, 36, 34,
];

export const CELL_ORDERS = ["postmux", "training"] as const;
/** Order in which a format takes its cells: the chip's own, or the training index as it is. */
export type CellOrder = (typeof CELL_ORDERS)[number];

const TRAINING_ORDER: readonly number[] = POST_MUX.map((_, i) => i);

/** Channel of each training index under an order, [48]. */
export function channels(order: CellOrder): readonly number[] {
  return order === "postmux" ? POST_MUX : TRAINING_ORDER;
}

/** Training index of each channel, [48]: the inverse of a channel table. */
export function cellsByChannel(channelOf: readonly number[]): number[] {
  const cells = new Array<number>(channelOf.length).fill(0);
  channelOf.forEach((channel, cell) => {
    cells[channel] = cell;
  });
  return cells;
}
