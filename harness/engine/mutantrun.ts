/**
 * One binary on a kernel's validation inputs, judged as validate judges: guards, poison, reference, laws.
 *
 * A mutant that passes is told apart by its bits: the same as the original's, or others within the tolerance.
 */
import type { Buffers, Dims, Kernel } from "../core/kernel.js";
import { createHost } from "../wasm/host.js";
import { firstDifference, judge } from "./agreejudge.js";
import type { PreparedCase } from "./agreeprepare.js";

export interface MutantCase extends PreparedCase {
  readonly dims: Dims;
}

/** killed: something was noticed; within-tolerance: other bits, accepted; unchanged: the same bits on every input. */
export type Outcome =
  { readonly fate: "killed"; readonly by: string } | { readonly fate: "within-tolerance" | "unchanged" };

const POISONS = [0xff, 0x00] as const;

/** Outputs of a case on two differently poisoned hosts, or the fault. */
function outputsOf(
  module: WebAssembly.Module,
  kernel: Kernel,
  { inputs, dims }: MutantCase,
): Buffers[] | string {
  try {
    return POISONS.map((poison) =>
      createHost(module, { validation: true, poison }).call(kernel, inputs, dims),
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What the original answers to every case; a fault of its own is an error of the caller. */
export function originalOutputs(bytes: Uint8Array, kernel: Kernel, cases: readonly MutantCase[]): Buffers[] {
  const module = new WebAssembly.Module(bytes);
  return cases.map((one) => {
    const outputs = outputsOf(module, kernel, one);
    if (typeof outputs === "string") throw new Error(`${kernel.id}: the original fails: ${outputs}`);
    const fault = faultOf(kernel, one, outputs[0]);
    if (fault !== undefined) throw new Error(`${kernel.id}: the original fails: ${fault}`);
    return outputs[0];
  });
}

/** The fault that the judge finds; outputs on which it fails itself are faulty. */
function faultOf(
  kernel: Kernel,
  { inputs, expected, dims }: MutantCase,
  outputs: Buffers,
): string | undefined {
  try {
    return judge(kernel, inputs, outputs, expected, dims).fault;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Runs a mutant case by case until something is noticed. Throws when it is no valid module. */
export function runMutant(
  bytes: Uint8Array,
  kernel: Kernel,
  cases: readonly MutantCase[],
  originals: readonly Buffers[],
): Outcome {
  const module = new WebAssembly.Module(bytes);
  let isChanged = false;
  for (const [i, one] of cases.entries()) {
    const outputs = outputsOf(module, kernel, one);
    if (typeof outputs === "string") return { fate: "killed", by: outputs };
    const unsteady = firstDifference(kernel, outputs[0], outputs[1]);
    if (unsteady !== undefined)
      return { fate: "killed", by: `other bits when repeated, first at ${unsteady}` };
    // What the original answers has been judged.
    if (firstDifference(kernel, outputs[0], originals[i]) === undefined) continue;
    isChanged = true;
    const fault = faultOf(kernel, one, outputs[0]);
    if (fault !== undefined) return { fate: "killed", by: fault };
  }
  return { fate: isChanged ? "within-tolerance" : "unchanged" };
}
