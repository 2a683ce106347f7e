import { describe, expect, test } from "vitest";
import { rng } from "../../harness/core/rng.js";
import type { Buffers } from "../../harness/core/kernel.js";
import {
  disagreement,
  notAsReference,
  notAsValidated,
  type Validated,
} from "../../harness/engine/benchcheck.js";
import { benchInput, benchInputs } from "../../harness/engine/benchinputs.js";
import { equalOutputs, firstRows, outputsHash, type Windows } from "../../harness/engine/benchwindows.js";
import { kernel as emd } from "../../harness/kernels/emd.js";
import { kernel as encoder } from "../../harness/kernels/encoder.js";
import { kernel as transport } from "../../harness/kernels/transport.js";

const ROWS = 6;

/** Windows of the mid set with the reference's outputs in place of a build's: these tests need no build. */
function emdCase(): { windows: Windows; validated: Validated } {
  const input = benchInput(emd, "mid");
  const dims = input.dims(ROWS);
  const inputs = [0, 1].map((index) => input.window(dims, 3, index));
  const outputs = inputs.map((window) => emd.reference(window, dims));
  const names = Object.keys(emd.outputs);
  return {
    windows: { kernel: emd, dims, inputs },
    validated: { outputs, names, hash: outputsHash(outputs, names) },
  };
}

function copyOf(outputs: readonly Buffers[]): Buffers[] {
  return outputs.map((window) =>
    Object.fromEntries(Object.entries(window).map(([name, values]) => [name, values.slice()])),
  );
}

describe("timed outputs", () => {
  test("pass when they are the validated ones, fail on the last bit of one value", () => {
    const { validated } = emdCase();
    const timed = copyOf(validated.outputs);
    expect(notAsValidated(timed, validated)).toBeUndefined();
    timed[1].emd[2] *= 1 + Number.EPSILON;
    expect(notAsValidated(timed, validated)).toMatch(/expected sha256/);
  });

  test("are judged by the windows that had their turn, and fail when none had", () => {
    const { validated } = emdCase();
    expect(notAsValidated([validated.outputs[0], undefined], validated)).toBeUndefined();
    expect(notAsValidated([undefined, validated.outputs[1]], validated)).toBeUndefined();
    expect(notAsValidated([undefined, validated.outputs[0]], validated)).toMatch(/expected sha256/);
    expect(notAsValidated([undefined, undefined], validated)).toMatch(/no input window/);
  });

  test("an output that the kernel does not write takes no part", () => {
    const a = { total: Float64Array.of(1), flow: Float64Array.of(0) };
    const b = { total: Float64Array.of(1), flow: Float64Array.of(7) };
    expect(equalOutputs(a, b)).toEqual(["total"]);
    expect(outputsHash([a], ["total"])).toBe(outputsHash([b], ["total"]));
    expect(outputsHash([a], ["total", "flow"])).not.toBe(outputsHash([b], ["total", "flow"]));
  });
});

describe("validated outputs", () => {
  test("stand against laws and reference, and fall when a value is wrong", () => {
    const { windows, validated } = emdCase();
    expect(notAsReference(windows, validated)).toBeUndefined();
    const wrong = copyOf(validated.outputs);
    wrong[0].emd[1] *= 1 + 1e-9;
    expect(notAsReference(windows, { ...validated, outputs: wrong })).toMatch(
      /expected the reference's value/,
    );
    wrong[0].emd[1] = -1;
    expect(notAsReference(windows, { ...validated, outputs: wrong })).toMatch(/^law /);
  });
});

describe("baselines' outputs", () => {
  test("an exact peer may differ by 1e-9 and not by 1e-8; NaN and a wrong length never pass", () => {
    const { windows, validated } = emdCase();
    const shifted = (by: number): Buffers[] =>
      validated.outputs.map(({ emd: values }) => ({ emd: Float64Array.from(values, (value) => value + by) }));
    expect(disagreement(windows, shifted(5e-10), validated, true)).toBeUndefined();
    expect(disagreement(windows, shifted(1e-7), validated, true)).toMatch(/within 1e-9/);
    expect(disagreement(windows, shifted(NaN), validated, true)).toMatch(/within 1e-9/);
    expect(disagreement(windows, [{ emd: new Float64Array(1) }], validated, true)).toMatch(/Infinity/);
  });

  test("another backend is judged by the kernel's own tolerance", () => {
    const { windows, validated } = emdCase();
    const other = copyOf(validated.outputs);
    expect(disagreement(windows, other, validated, false)).toBeUndefined();
    other[0].emd[0] *= 1 + 1e-9;
    expect(disagreement(windows, other, validated, false)).toMatch(/emd\[0\]/);
  });
});

describe("another backend's outputs of a network", () => {
  test("are compared at both ends of a window", () => {
    const dims = benchInput(encoder, "rows=256").dims(0);
    const inputs = [encoder.generate(dims, rng(4))];
    const outputs = inputs.map((window) => encoder.reference(window, dims));
    const windows: Windows = { kernel: encoder, dims, inputs };
    const validated: Validated = { outputs, names: ["output"], hash: outputsHash(outputs, ["output"]) };
    const wrongAt = (at: number): Buffers[] => {
      const [copy] = copyOf(outputs);
      copy.output[at] += 1e-3;
      return [copy];
    };
    expect(disagreement(windows, copyOf(outputs), validated, false)).toBeUndefined();
    expect(disagreement(windows, wrongAt(0), validated, false)).toMatch(/^output\[0\]/);
    expect(disagreement(windows, wrongAt(outputs[0].output.length - 1), validated, false)).toMatch(
      /^rows from 248, output\[127\]/,
    );
  });
});

describe("inputs", () => {
  test("windows differ, and are the same again from the same seed", () => {
    const input = benchInput(emd, "mix");
    const dims = input.dims(ROWS);
    expect(input.window(dims, 3, 0)).toEqual(input.window(dims, 3, 0));
    expect(input.window(dims, 3, 0).original).not.toEqual(input.window(dims, 3, 1).original);
    expect(input.window(dims, 3, 1).original).not.toEqual(input.window(dims, 4, 0).original);
  });

  test("EMD has its published sets, transport the sizes of its goals, in units of their own", () => {
    expect(benchInputs(emd).map(({ id }) => id)).toEqual(["mid", "sparse", "mix", "dense"]);
    expect(benchInputs(transport).map(({ id }) => id)).toEqual(["n=64", "n=128", "n=256", "n=512"]);
    expect(benchInput(transport, "n=64").dims(1000)).toEqual({ n: 64, m: 64, wants: 0 });
  });

  test("a kernel without sets of its own is timed on its shapes", () => {
    const other = { ...emd, id: "another" };
    const [first] = benchInputs(other);
    expect(first.id).toBe("cells=48 isMetric=1");
    expect(first.dims(10)).toEqual({ rows: 10, cells: 48, isMetric: 1 });
    const made = first.window(first.dims(10), 1, 2);
    expect(made).toEqual(emd.generate(first.dims(10), rng(1, 2)));
  });

  test("unknown inputs are refused with the nearest name", () => {
    expect(() => benchInput(emd, "densse")).toThrow(/no such input/);
  });

  test("the first rows of a window share its memory; a kernel without rows has none", () => {
    const { windows } = emdCase();
    const part = firstRows(emd, emd.inputs, windows.inputs[0], windows.dims, 2);
    expect(part?.original).toHaveLength(96);
    expect(part?.metric).toBe(windows.inputs[0].metric);
    expect(firstRows(emd, emd.inputs, windows.inputs[0], windows.dims, ROWS + 1)).toBeUndefined();
    expect(firstRows(transport, transport.inputs, {}, { n: 1, m: 1, wants: 0 }, 1)).toBeUndefined();
  });
});
