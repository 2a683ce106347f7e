/**
 * The engine's multiply-add peak as a side: assembly/floor.ts on data in the first-level cache. It bounds what arithmetic kernels
 * can do in this process, at the clock of this moment.
 */
import { allocate, f32, f64, type Buffers, type BufferSpec } from "../core/kernel.js";
import { loadBinary, type Target } from "../wasm/binary.js";
import { createHost } from "../wasm/host.js";
import type { Callable } from "../wasm/layout.js";
import type { Side } from "./measure.js";

export interface OpenPeak {
  readonly side: Side;
  /** Multiplications and additions of one run. */
  readonly operations: number;
}

const PASSES = 64;
/** Small enough that no sum leaves the normal numbers. */
const VALUE = 2 ** -10;

interface Peak {
  readonly symbol: string;
  readonly operationsPerPass: number;
  readonly inputs: Readonly<Record<string, BufferSpec>>;
  readonly outputs: Readonly<Record<string, BufferSpec>>;
}

const PEAKS: Readonly<Record<"f32" | "f64", Peak>> = {
  f32: {
    symbol: "peakF32",
    operationsPerPass: 8192,
    inputs: { values: f32("1024", "1"), weights: f32("16", "1") },
    outputs: { out: f32("32", "1") },
  },
  f64: {
    symbol: "peakF64",
    operationsPerPass: 2048,
    inputs: { values: f64("512", "1"), weights: f64("8", "1") },
    outputs: { out: f64("16", "1") },
  },
};

function filled({ dtype, shape }: BufferSpec): Buffers[string] {
  return allocate(dtype, Number(shape)).fill(VALUE);
}

/** The peak of a build, in float32 or float64. */
export async function openPeak(target: Target, type: "f32" | "f64"): Promise<OpenPeak> {
  const { symbol, inputs, outputs, operationsPerPass } = PEAKS[type];
  const floor: Callable = { id: symbol, symbol, dims: ["passes"], inputs, outputs };
  const host = createHost((await loadBinary(target)).module);
  const values = Object.fromEntries(Object.entries(inputs).map(([name, spec]) => [name, filled(spec)]));
  const prepared = host.prepare(floor, values, { passes: PASSES });
  const run = (): void => {
    prepared.run();
  };
  return { side: { kind: "sync", run }, operations: PASSES * operationsPerPass };
}
