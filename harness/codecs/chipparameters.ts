/** Parameters that several codecs share, declared once so that they mean and say the same everywhere. */
import type { Parameter } from "../core/codec.js";
import { CELL_ORDERS } from "../chip/cellorder.js";
import { DECODE_POINTS } from "../chip/floatcodes.js";

export const drop: Parameter = {
  says: "low bits shifted out before coding: 1 in low-density modules, 3 in high-density ones",
  default: 1,
  choices: [0, 1, 3],
};

export const decode: Parameter = {
  says: "where a decoded charge lies in the interval of its code: plus half of the last lost bit, at its edge, or plus a quarter",
  default: "mid",
  choices: DECODE_POINTS,
};

export const order: Parameter = {
  says: "order of the cells inside the format: the chip's channels or the training index",
  default: "postmux",
  choices: CELL_ORDERS,
};

export const SPREADS = ["none", "uniform"] as const;
export type Spread = (typeof SPREADS)[number];

export const spread: Parameter = {
  says: "what the receiver does with the sum of cells that were not sent: nothing, or equal shares to those cells",
  default: "none",
  choices: SPREADS,
};

export const SUMS = ["untransmitted", "all"] as const;

export const sum: Parameter = {
  says: "module sum that is sent: of the cells not sent, or of all",
  default: "untransmitted",
  choices: SUMS,
};

/** The first `most` link counts. */
export function links(most: number, initial: number): Parameter {
  return {
    says: "output links of 32 bits per crossing",
    default: initial,
    choices: Array.from({ length: most }, (_, i) => i + 1),
  };
}

/** One parameter set for each link count that a parameter allows. */
export function linkVariants(parameter: Parameter): { links: number }[] {
  return (parameter.choices ?? []).map((count) => ({ links: Number(count) }));
}
