/**
 * Principal components as a module format: k projections of the normalised module, each with its own scalar quantiser.
 *
 * Bits, most significant first: 4 header (0) | 8 module sum, 5E3M | by component, largest variance first, the index of its interval.
 * Bits go to components by reverse water-filling (Cover, Thomas, Elements of Information Theory, 13.3.3): one after the other to
 * the component with the largest variance left, each bit leaving a quarter of it.
 *
 * The encoder never divides: a projection of the charges is compared with thresholds times their sum.
 */
import { CELLS } from "../core/table.js";
import { CODE_5E3M, encodeFloat, restoreCharge } from "../chip/floatcodes.js";
import { checkHeader, STORED_HEADER, type ModuleFormat } from "./modulecodec.js";
import { LEVELS, MEAN, VARIANCES, WEIGHTS } from "./pcatables.js";

const HEADER_BITS = 4;
const BITS_PER_LINK = 32;
/** Most bits of one component: quantisers are stored up to here. */
export const MOST_BITS = 6;
/** WEIGHTS are unit vectors times this, rounded: sign and six bits. */
export const WEIGHT_ONE = 64;
export const WEIGHT_BITS = 7;
/** LEVELS are projections in units of 1 / (64 x WEIGHT_ONE); thresholds lie half-way and have one bit more. */
export const LEVEL_ONE = 64;
/** Unit of MEAN. */
export const MEAN_ONE = 65536;

/** Bits of each of the first `components`, given those of the whole payload. */
export function allocateBits(components: number, bits: number): number[] {
  const left = VARIANCES.slice(0, components);
  const given = left.map(() => 0);
  for (let bit = 0; bit < Math.min(bits, components * MOST_BITS); bit++) {
    let first = -1;
    for (let k = 0; k < components; k++)
      if (given[k] < MOST_BITS && (first < 0 || left[k] > left[first])) first = k;
    given[first]++;
    left[first] /= 4;
  }
  return given;
}

export function componentBits(components: number, links: number): number[] {
  return allocateBits(components, BITS_PER_LINK * links - HEADER_BITS - CODE_5E3M.bits);
}

/** First of the 2^bits levels of a component; its quantisers of 1 to MOST_BITS bits stand one after the other. */
function levelsFrom(bits: number): number {
  return 2 ** bits - 2;
}

/** Index of the interval that `projection` / `sum` falls in, by bisection of the thresholds. */
function indexOf(levels: readonly number[], bits: number, projection: number, sum: number): number {
  const from = levelsFrom(bits);
  let index = 0;
  for (let step = 2 ** (bits - 1); step >= 1; step /= 2) {
    const twice = levels[from + index + step - 1] + levels[from + index + step];
    if (projection * 2 * LEVEL_ONE >= twice * sum) index += step;
  }
  return index;
}

function project(weights: readonly number[], calq: Float64Array): number {
  let sum = 0;
  for (let cell = 0; cell < CELLS; cell++) sum += weights[cell] * calq[cell];
  return sum;
}

/** What the receiver adds to the mean picture for a unit of each projection, and the projection of the mean picture. */
const BACK = WEIGHTS.map((weights) => {
  const square = weights.reduce((sum, weight) => sum + weight * weight, 0);
  return weights.map((weight) => weight / square / LEVEL_ONE);
});
const MEAN_PICTURE = MEAN.map((share) => share / MEAN_ONE);
const OFFSET = WEIGHTS.map((weights) => project(weights, Float64Array.from(MEAN_PICTURE)) * LEVEL_ONE);

/** Negative shares become 0 and the rest is brought to `sum`; where nothing is left, the mean picture stands in. */
function scaleTo(restored: Float64Array, sum: number): void {
  let total = 0;
  for (let cell = 0; cell < CELLS; cell++) total += restored[cell] = Math.max(0, restored[cell]);
  if (total === 0) {
    restored.set(MEAN_PICTURE);
    total = MEAN_PICTURE.reduce((all, share) => all + share, 0);
  }
  for (let cell = 0; cell < CELLS; cell++) restored[cell] *= sum / total;
}

export function pcaFormat(components: number, links: number): ModuleFormat {
  const bits = componentBits(components, links);
  return {
    encode(calq, writer) {
      const sum = calq.reduce((total, charge) => total + charge, 0);
      writer.write(STORED_HEADER, HEADER_BITS);
      writer.write(encodeFloat(sum, CODE_5E3M), CODE_5E3M.bits);
      bits.forEach((width, k) => {
        writer.write(sum > 0 ? indexOf(LEVELS[k], width, project(WEIGHTS[k], calq), sum) : 0, width);
      });
    },
    decode(reader, restored) {
      checkHeader(reader.read(HEADER_BITS));
      const sum = restoreCharge(reader.read(CODE_5E3M.bits), CODE_5E3M, 0, "mid");
      const indices = bits.map((width) => reader.read(width));
      if (sum === 0) return;
      restored.set(MEAN_PICTURE);
      bits.forEach((width, k) => {
        if (width === 0) return;
        const off = LEVELS[k][levelsFrom(width) + indices[k]] - OFFSET[k];
        for (let cell = 0; cell < CELLS; cell++) restored[cell] += off * BACK[k][cell];
      });
      scaleTo(restored, sum);
    },
  };
}
