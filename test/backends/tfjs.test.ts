import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Backend } from "../../harness/core/backend.js";
import type { Kernel } from "../../harness/core/kernel.js";
import { rng } from "../../harness/core/rng.js";
import { backend as cpu } from "../../harness/backends/tfjs-cpu.js";
import { backend as wasm } from "../../harness/backends/tfjs-wasm.js";
import { kernels } from "../../harness/engine/plugins.generated.js";
import { kernel as encoder } from "../../harness/kernels/encoder.js";
import { kernel as emd } from "../../harness/kernels/emd.js";
import { networkKernel, networkOf } from "../../harness/models/networkkernel.js";
import { drawStandardised } from "../../harness/models/networkrows.js";

const BACKENDS: readonly Backend[] = [cpu, wasm];
const networks = [...kernels.values()].filter((kernel) => networkOf(kernel) !== undefined);

/** Layers that no kernel of the registry has together: tanh, leaky transposed convolution, normalisation of an image. */
const UNUSUAL = networkKernel({
  id: "unusual",
  title: "Unusual layers",
  source: "made for this test",
  itemName: "row",
  drawRow: drawStandardised(36),
  rows: [5],
  network: {
    id: "unusual",
    input: [6, 6, 1],
    leak: 0.1,
    layers: [
      { kind: "conv2d", filters: 3, kernel: 3, stride: 2, activation: "tanh" },
      { kind: "batch-norm", epsilon: 1e-3, momentum: 0.9 },
      { kind: "conv2d-transpose", filters: 2, kernel: 3, stride: 2, activation: "leaky-relu" },
      { kind: "max-pool", size: 2 },
      { kind: "upsample", size: 2 },
      { kind: "flatten" },
      { kind: "dense", units: 7, activation: "tanh" },
      { kind: "batch-norm", epsilon: 1e-3, momentum: 0.9 },
      { kind: "dense", units: 4, activation: "sigmoid" },
    ],
  },
});

async function ratioOf(backend: Backend, kernel: Kernel): Promise<number> {
  const dims = kernel.shapes[kernel.shapes.length - 1];
  const inputs = kernel.generate(dims, rng(11));
  const session = await backend.open();
  try {
    const outputs = await session.call(kernel, inputs, dims);
    return kernel.agrees(outputs, kernel.reference(inputs, dims), inputs, dims).ratio;
  } finally {
    await session.close();
  }
}

describe.each(BACKENDS)("$id", (backend) => {
  it.each([...networks, UNUSUAL])("computes $id within its tolerance", async (kernel) => {
    expect(await ratioOf(backend, kernel)).toBeLessThanOrEqual(1);
  });

  it("says which versions it is and what it detected", async () => {
    const said = await backend.describe();
    expect(said["tfjs-core"]).toMatch(/^\d+\.\d+\.\d+$/);
    expect(said[`tfjs-backend-${backend.id.slice("tfjs-".length)}`]).toMatch(/^\d+\.\d+\.\d+$/);
    expect(said["threads"]).toBe("1");
  });

  it("sees that an array of parameters was changed in place, unless it was promised to be constant", async () => {
    const dims = { rows: 2 };
    const generated = encoder.generate(dims, rng(3));
    const inputs = { ...generated, parameters: generated.parameters.slice() };
    const session = await backend.open();
    const before = (await session.call(encoder, inputs, dims)).output.slice();
    inputs.parameters.fill(0);
    const after = (await session.call(encoder, inputs, dims)).output;
    await session.close();
    expect(before.some((y: number) => y !== 0)).toBe(true);
    expect(after.every((y: number) => y === 0)).toBe(true);
  });

  it("refuses what is no network, and calls after close", async () => {
    const session = await backend.open();
    const dims = { rows: 1, cells: 48, isMetric: 1 };
    expect(() => session.call(emd, emd.generate(dims, rng(1)), dims)).toThrow(/expected a network/);
    await session.close();
    const one = { rows: 1 };
    expect(() => session.call(encoder, encoder.generate(one, rng(1)), one)).toThrow(/session is closed/);
  });
});

describe("two tfjs backends in one process", () => {
  it("give what each gives alone when their calls take turns, and leave no tensor behind", async () => {
    const tf = await import("@tensorflow/tfjs-core");
    const dims = { rows: 16 };
    const inputs = encoder.generate(dims, rng(7));
    const tensors = tf.memory().numTensors;
    const sessions = [await cpu.open(), await wasm.open()];
    const used: string[] = [];
    const rounds: Float32Array[][] = [];
    for (let round = 0; round < 2; round++) {
      const outputs: Float32Array[] = [];
      for (const session of sessions) {
        outputs.push((await session.call(encoder, inputs, dims)).output as Float32Array);
        used.push(tf.getBackend());
      }
      rounds.push(outputs);
    }
    for (const session of sessions) await session.close();
    expect(used).toEqual(["cpu", "wasm", "cpu", "wasm"]);
    expect(rounds[1]).toEqual(rounds[0]);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("start silently in a fresh process, whose handlers they leave as they were", () => {
    const url = (path: string): string =>
      JSON.stringify(new URL(`../../dist/harness/${path}`, import.meta.url));
    const script = `
      const count = () => ["uncaughtException", "unhandledRejection"].map((event) => process.listenerCount(event));
      process.on("uncaughtException", () => {});
      const before = count();
      const { kernel } = await import(${url("kernels/encoder.js")});
      const { rng } = await import(${url("core/rng.js")});
      const inputs = kernel.generate({ rows: 1 }, rng(1));
      for (const id of ["tfjs-cpu", "tfjs-wasm"]) {
        const { backend } = await import(${url("backends/")} + id + ".js");
        const session = await backend.open();
        session.call(kernel, inputs, { rows: 1 });
      }
      process.stdout.write(JSON.stringify([before, count()]));`;
    const child = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect(child.stderr).toBe("");
    expect(JSON.parse(child.stdout)).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });
});
