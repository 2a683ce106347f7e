/** The floors of assembly/floor.ts do what they are named after, on both builds, to the bit. */
import { describe, expect, test } from "vitest";
import { f32, f64, u8 } from "../../harness/core/kernel.js";
import { loadBinary } from "../../harness/wasm/binary.js";
import { createHost, type Host } from "../../harness/wasm/host.js";
import type { Callable } from "../../harness/wasm/layout.js";

const STEPS = 37;
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
  dims: ["steps"],
  inputs: { lanes: f64("16", "1"), constants: f64("2", "1") },
  outputs: { out: f64("16", "1") },
};
const PEAK_F32: Callable = {
  id: "peak-f32",
  symbol: "peakF32",
  dims: ["steps"],
  inputs: { lanes: f32("32", "1"), constants: f32("2", "1") },
  outputs: { out: f32("32", "1") },
};

/** v = v * factor + term, `STEPS` times, rounded by `round` after each operation. */
function recurrence(lane: number, factor: number, term: number, round: (x: number) => number): number {
  let value = lane;
  for (let step = 0; step < STEPS; step++) value = round(round(value * factor) + term);
  return value;
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

  test("the float64 peak runs each lane's recurrence", async () => {
    const lanes = Float64Array.from({ length: 16 }, (_, i) => i - 3.7);
    const { out } = (await host()).call(
      PEAK_F64,
      { lanes, constants: Float64Array.of(0.999, 0.25) },
      { steps: STEPS },
    );
    expect(out).toEqual(lanes.map((lane) => recurrence(lane, 0.999, 0.25, (x) => x)));
  });

  test("the float32 peak runs each lane's recurrence", async () => {
    const lanes = Float32Array.from({ length: 32 }, (_, i) => i - 3.5);
    const constants = Float32Array.of(0.999, 0.25);
    const { out } = (await host()).call(PEAK_F32, { lanes, constants }, { steps: STEPS });
    expect(out).toEqual(lanes.map((lane) => recurrence(lane, constants[0], 0.25, Math.fround)));
  });
});
