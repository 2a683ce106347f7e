/** Agreement of kernels whose outputs are decided, not rounded: every element of every output must be the reference's own. */
import type { Agreement, Buffers } from "../core/kernel.js";

const MEASURE = "difference of an exact output";

/** Ratio 0 when all outputs are equal, else infinite at the first element that is not. */
export function agreesExactly(outputs: Buffers, expected: Buffers): Agreement {
  for (const [name, values] of Object.entries(expected)) {
    const at = values.findIndex((value: number, i: number) => !Object.is(value, outputs[name][i]));
    if (at < 0) continue;
    const worst = Math.abs(outputs[name][at] - values[at]);
    return { ratio: Infinity, worst, measure: MEASURE, where: `${name}[${at}]` };
  }
  return { ratio: 0, worst: 0, measure: MEASURE, where: `${Object.keys(expected)[0]}[0]` };
}
