/**
 * Whether outputs that were timed may be published: equal to validation mode's, within the reference's tolerance, lawful.
 *
 * Validation mode runs twice, with two different poisons in unset memory: an output buffer that differs was not written by the
 * kernel at this shape (unwanted duals, say) and takes no part; everything else must match to the bit.
 */
import type { Buffers, Dims, Kernel, NumericArray } from "../core/kernel.js";
import { networkOf } from "../models/networkkernel.js";
import { loadBinary, type Target } from "../wasm/binary.js";
import { createHost } from "../wasm/host.js";
import { equalOutputs, firstRows, outputsHash, rowsFrom, type Windows } from "./benchwindows.js";

/** Poisons for unset memory; neither is a number that a kernel returns by accident on every element. */
const POISONS = [0xa5, 0x5b] as const;
/** Rows that the slow reference is asked for. */
const REFERENCE_ROWS = 64;
/** Rows at either end of a network's window that are compared: its reference and its tolerance are slow to work out. */
const NETWORK_ROWS = 8;
/** Multiply-adds beyond which a kernel without rows is not put to its reference here (validate does it). */
const LARGEST_REFERENCE_INPUT = 128 * 130;
/** What an exact peer in another language may differ by, relative to 1 + |value|. */
export const PEER_TOLERANCE = 1e-9;

export interface Validated {
  /** Outputs of validation mode by window. */
  readonly outputs: readonly Buffers[];
  /** Outputs that the kernel writes at this shape. */
  readonly names: readonly string[];
  readonly hash: string;
}

/** Runs every window in validation mode. */
export async function validatedOutputs(target: Target, windows: Windows): Promise<Validated> {
  const { module } = await loadBinary(target);
  const { kernel, dims, inputs } = windows;
  const [first, second] = POISONS.map((poison) => {
    const host = createHost(module, { validation: true, poison });
    return inputs.map((window) => host.call(kernel, window, dims));
  });
  const written = first.map((outputs, window) => equalOutputs(outputs, second[window]));
  const names = Object.keys(kernel.outputs).filter((name) => written.every((some) => some.includes(name)));
  return { outputs: first, names, hash: outputsHash(first, names) };
}

/**
 * Why the outputs of the subject's timed runs are not the validated ones, or undefined. Where time ran out before every window
 * had its turn, those that were run are compared: nothing else was timed.
 */
export function notAsValidated(
  timed: readonly (Buffers | undefined)[],
  validated: Validated,
): string | undefined {
  const run = timed.flatMap((outputs, window) => (outputs === undefined ? [] : [{ outputs, window }]));
  if (run.length === 0) return "no input window was run";
  const hash = outputsHash(
    run.map(({ outputs }) => outputs),
    validated.names,
  );
  const expected = outputsHash(
    run.map(({ window }) => validated.outputs[window]),
    validated.names,
  );
  return hash === expected
    ? undefined
    : `outputs of the timed runs: expected sha256 ${expected.slice(0, 12)} of validation mode, got ${hash.slice(0, 12)}`;
}

/** Why validated outputs do not stand against the kernel's laws and its reference, or undefined. */
export function notAsReference(windows: Windows, validated: Validated): string | undefined {
  const { kernel, dims, inputs } = windows;
  for (const law of kernel.laws) {
    const broken = law.broken(inputs[0], validated.outputs[0], dims);
    if (broken !== undefined) return `law ${law.id}: ${broken}`;
  }
  const part = kernel.batch === undefined ? wholeIfSmall(windows) : firstRowsOf(windows);
  if (part === undefined) return undefined;
  const outputs =
    kernel.batch === undefined
      ? validated.outputs[0]
      : firstRows(kernel, kernel.outputs, validated.outputs[0], dims, part.dims[kernel.batch]);
  if (outputs === undefined) return undefined;
  const agreement = kernel.agrees(
    outputs,
    kernel.reference(part.inputs[0], part.dims),
    part.inputs[0],
    part.dims,
  );
  return agreement.ratio <= 1
    ? undefined
    : `${agreement.where}: expected the reference's value, got a ${agreement.measure} of ${agreement.worst}`;
}

function firstRowsOf({ kernel, dims, inputs }: Windows): Windows | undefined {
  const batch = kernel.batch;
  if (batch === undefined) return undefined;
  const rows = Math.min(REFERENCE_ROWS, rowsCompared(kernel, dims[batch]));
  const cut = firstRows(kernel, kernel.inputs, inputs[0], dims, rows);
  return cut === undefined ? undefined : { kernel, dims: { ...dims, [batch]: rows }, inputs: [cut] };
}

function wholeIfSmall(windows: Windows): Windows | undefined {
  const total = Object.values(windows.inputs[0]).reduce((sum, values) => sum + values.length, 0);
  return total <= LARGEST_REFERENCE_INPUT ? windows : undefined;
}

function worstDifference(a: NumericArray, b: NumericArray): number {
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]) / (1 + Math.abs(b[i]));
    worst = difference <= worst ? worst : difference; // a NaN stays
  }
  return worst;
}

function rowsCompared(kernel: Kernel, rows: number): number {
  return networkOf(kernel) === undefined ? rows : Math.min(rows, NETWORK_ROWS);
}

/** First rows of the parts that are compared: the whole, or both ends of a network's rows. */
function comparedFrom(kernel: Kernel, dims: Dims): readonly number[] {
  const { batch } = kernel;
  if (batch === undefined) return [0];
  const last = dims[batch] - rowsCompared(kernel, dims[batch]);
  return last === 0 ? [0] : [0, last];
}

/** Why another side's outputs disagree with the validated ones, or undefined. `exactPeer` compares single outputs at 1e-9. */
export function disagreement(
  windows: Windows,
  outputs: readonly (Buffers | undefined)[],
  validated: Validated,
  exactPeer: boolean,
): string | undefined {
  const { kernel, dims, inputs } = windows;
  for (const [window, some] of outputs.entries()) {
    if (some === undefined) continue;
    const expected = validated.outputs[window];
    if (exactPeer) {
      for (const [name, values] of Object.entries(some)) {
        const worst = worstDifference(values, expected[name]);
        if (!(worst <= PEER_TOLERANCE))
          return `output ${name}: expected our value within 1e-9, got ${worst} off`;
      }
    } else {
      for (const from of comparedFrom(kernel, dims)) {
        const rows = kernel.batch === undefined ? 0 : rowsCompared(kernel, dims[kernel.batch]);
        const cut = (specs: Kernel["inputs"], buffers: Buffers): Buffers =>
          rowsFrom(from, kernel, specs, buffers, dims, rows) ?? buffers;
        const part = kernel.batch === undefined ? dims : { ...dims, [kernel.batch]: rows };
        const agreement = kernel.agrees(
          cut(kernel.outputs, some),
          cut(kernel.outputs, expected),
          cut(kernel.inputs, inputs[window]),
          part,
        );
        if (!(agreement.ratio <= 1)) {
          const place = from === 0 ? agreement.where : `rows from ${from}, ${agreement.where}`;
          return `${place}: ${agreement.measure} of ${agreement.worst}`;
        }
      }
    }
  }
  return undefined;
}
