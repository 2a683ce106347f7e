/**
 * Agreement of gradients and parameters, tensor by tensor: the worst error over the tensor's largest value.
 *
 * 1e-5 is what float32 sums of some ten thousand products leave (a few 1e-6 are seen); a tensor whose values cancel to nothing is
 * judged against the largest value of all.
 */
import type { Agreement } from "../core/kernel.js";
import type { Plan } from "./network.js";

const TOLERANCE = 1e-5;
/** Tensors that are this much smaller than the largest one hold rounding only. */
const NEGLIGIBLE = 1e-4;

const largestOf = (values: ArrayLike<number>, from: number, to: number): number => {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
};

interface Judged {
  readonly offset: number;
  readonly size: number;
  /** The values whose largest is the scale. */
  readonly scaleFrom: number;
  readonly scaleSize: number;
}

/**
 * Tensors, and what they are measured by: themselves. A bias right before a batch normalisation has the gradient zero, a sum whose
 * terms cancel: it is measured by its layer's kernel.
 */
function judged({ layers }: Plan): Judged[] {
  return layers.flatMap(({ layer, tensors }, i) => {
    const next = layers
      .slice(i + 1)
      .find((one) => one.layer.kind !== "flatten" && one.layer.kind !== "reshape");
    const isLinear = "activation" in layer && layer.activation === "linear";
    const cancels = isLinear && next?.layer.kind === "batch-norm";
    return tensors.map((tensor) => {
      const scale = cancels ? tensors[0] : tensor;
      const { offset, size } = tensor;
      return { offset, size, scaleFrom: scale.offset, scaleSize: scale.size };
    });
  });
}

/** Compares `name`[shares, parameters] with the expected values. */
export function tensorAgreement(
  plan: Plan,
  name: string,
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
): Agreement {
  let found: Agreement = {
    ratio: 0,
    worst: 0,
    measure: "error over the tensor's largest value",
    where: `${name}[0]`,
  };
  for (let share = 0; share < expected.length; share += plan.parameters) {
    const least = NEGLIGIBLE * largestOf(expected, share, share + plan.parameters);
    for (const { offset, size, scaleFrom, scaleSize } of judged(plan)) {
      const from = share + offset;
      const scale = Math.max(least, largestOf(expected, share + scaleFrom, share + scaleFrom + scaleSize));
      for (let i = from; i < from + size; i++) {
        const error = got[i] === expected[i] ? 0 : Math.abs(got[i] - expected[i]) / scale;
        if (!(error <= found.worst)) {
          found = { ...found, worst: error, ratio: error / TOLERANCE, where: `${name}[${i}]` };
          if (Number.isNaN(error)) return { ...found, ratio: Infinity, worst: Infinity };
        }
      }
    }
  }
  return found;
}

/** Compares values that have one scale, outputs or losses. */
export function valueAgreement(name: string, got: ArrayLike<number>, expected: ArrayLike<number>): Agreement {
  const scale = largestOf(expected, 0, expected.length);
  let [worst, at] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const error = got[i] === expected[i] ? 0 : Math.abs(got[i] - expected[i]) / scale;
    if (!(error <= worst)) [worst, at] = [Number.isNaN(error) ? Infinity : error, i];
  }
  const where = `${name}[${at}]`;
  return { ratio: worst / TOLERANCE, worst, measure: "error over the largest value", where };
}

/** The worst of several. */
export const worstAgreement = (all: readonly Agreement[]): Agreement =>
  all.reduce((worst, one) => (one.ratio > worst.ratio ? one : worst));
