/**
 * Judging one call's outputs: declared types and lengths, the reference within the kernel's own tolerance, the kernel's laws.
 *
 * Only this file decides what agreement is; running the calls and counting the cases is agree.ts.
 */
import { isHarnessError } from "../core/errors.js";
import type { Agreement, Buffers, Dims, Kernel } from "../core/kernel.js";
import { Sha256 } from "../io/hash.js";
import { checkBuffer } from "../wasm/checks.js";

export interface Judgement {
  /** Undefined when the outputs could not be compared. */
  readonly agreement: Agreement | undefined;
  /** What is wrong, undefined when nothing is. */
  readonly fault: string | undefined;
}

/** The first output that is missing or has another type or length than declared. */
export function malformed(kernel: Kernel, outputs: Buffers, dims: Dims): string | undefined {
  try {
    for (const [name, spec] of Object.entries(kernel.outputs)) {
      checkBuffer(kernel, dims, name, spec, outputs[name]);
    }
    return undefined;
  } catch (error) {
    if (isHarnessError(error)) return error.message;
    throw error;
  }
}

/** The first of the kernel's laws that the outputs break, with what broke it. */
export function brokenLaw(kernel: Kernel, inputs: Buffers, outputs: Buffers, dims: Dims): string | undefined {
  for (const law of kernel.laws) {
    const broken = law.broken(inputs, outputs, dims);
    if (broken !== undefined) return `law "${law.says}" is broken: ${broken}`;
  }
  return undefined;
}

export function judge(
  kernel: Kernel,
  inputs: Buffers,
  outputs: Buffers,
  expected: Buffers,
  dims: Dims,
): Judgement {
  const shapeFault = malformed(kernel, outputs, dims);
  if (shapeFault !== undefined) return { agreement: undefined, fault: shapeFault };
  const agreement = kernel.agrees(outputs, expected, inputs, dims);
  // A comparison that gives NaN has met a NaN that should not be there: not agreement.
  if (!(agreement.ratio <= 1)) {
    const { worst, measure, where, ratio } = agreement;
    return {
      agreement,
      fault: `differs from the reference at ${where}: ${measure} ${worst}, ${ratio.toPrecision(3)} times what is allowed`,
    };
  }
  return { agreement, fault: brokenLaw(kernel, inputs, outputs, dims) };
}

/** SHA-256 over the bytes of all outputs, in declared order. */
export function outputsHash(kernel: Kernel, outputs: Buffers): string {
  const hash = new Sha256();
  for (const name of Object.keys(kernel.outputs)) {
    const values = outputs[name];
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest();
}

/** First output element whose bits differ, "cost[3]", or undefined. */
export function firstDifference(kernel: Kernel, a: Buffers, b: Buffers): string | undefined {
  for (const name of Object.keys(kernel.outputs)) {
    const [x, y] = [a[name], b[name]].map((v) => new Uint8Array(v.buffer, v.byteOffset, v.byteLength));
    const at = x.length === y.length ? x.findIndex((byte, i) => byte !== y[i]) : 0;
    if (at >= 0) return `${name}[${Math.floor(at / a[name].BYTES_PER_ELEMENT)}]`;
  }
  return undefined;
}
