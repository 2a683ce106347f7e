/** The floors of assembly/floor.ts do what they are named after, on both builds, to the bit. */
import { describe, expect, test } from "vitest";
import { f32, f64, u8 } from "../../harness/core/kernel.js";
import { loadBinary } from "../../harness/wasm/binary.js";
import { createHost, type Host } from "../../harness/wasm/host.js";
import type { Callable } from "../../harness/wasm/layout.js";

const PASSES = 3;
const NOTHING: Callable = { id: "nop", symbol: "nop", dims: [], inputs: {}, outputs: {} };
const COPY: Callable = {
  id: "copy",
  symbol: "copy",
  dims: ["bytes"],
  inputs: { source: u8("bytes", "1") },
  outputs: { target: u8("bytes", "1") },
};
const PEAK_F64: Callable = {
  id: "peak-f64",
  symbol: "peakF64",
  dims: ["passes"],
  inputs: { values: f64("512", "1"), weights: f64("8", "1") },
  outputs: { out: f64("16", "1") },
};
const PEAK_F32: Callable = {
  id: "peak-f32",
  symbol: "peakF32",
  dims: ["passes"],
  inputs: { values: f32("1024", "1"), weights: f32("16", "1") },
  outputs: { out: f32("32", "1") },
};

/** Lane `lane` of vector `vector`, `PASSES` times over the values, rounded by `round` after each operation. */
function lanesOf(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  width: number,
  round: (x: number) => number,
): number[] {
  return Array.from({ length: 8 * width }, (_, i) => {
    const [vector, lane] = [Math.floor(i / width), i % width];
    let sum = 0;
    for (let pass = 0; pass < PASSES; pass++)
      for (let at = vector < 4 ? 0 : width; at < values.length; at += 2 * width)
        sum = round(sum + round(values[at + lane] * weights[(vector % 4) * width + lane]));
    return sum;
  });
}

describe.each(["release", "scalar"] as const)("floors of the %s build", (target) => {
  const host = async (): Promise<Host> => createHost((await loadBinary(target)).module, { validation: true });

  test("an empty call returns and touches nothing", async () => {
    expect((await host()).call(NOTHING, {}, {})).toEqual({});
  });

  test("copy copies every byte", async () => {
    const source = Uint8Array.from({ length: 1001 }, (_, i) => (i * 7 + 1) % 256);
    expect((await host()).call(COPY, { source }, { bytes: source.length })["target"]).toEqual(source);
  });

  test("the float64 peak sums each lane's products", async () => {
    const values = Float64Array.from({ length: 512 }, (_, i) => (i % 37) - 11.3);
    const weights = Float64Array.from({ length: 8 }, (_, i) => i - 3.7);
    const { out } = (await host()).call(PEAK_F64, { values, weights }, { passes: PASSES });
    expect([...out]).toEqual(lanesOf(values, weights, 2, (x) => x));
  });

  test("the float32 peak sums each lane's products", async () => {
    const values = Float32Array.from({ length: 1024 }, (_, i) => (i % 37) - 11.3);
    const weights = Float32Array.from({ length: 16 }, (_, i) => i - 3.7);
    const { out } = (await host()).call(PEAK_F32, { values, weights }, { passes: PASSES });
    expect([...out]).toEqual(lanesOf(values, weights, 4, Math.fround));
  });
});
