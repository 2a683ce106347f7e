import { afterAll, describe, expect, it } from "vitest";
import type { Kernel } from "../../harness/core/kernel.js";
import { rng } from "../../harness/core/rng.js";
import { backend as node } from "../../harness/backends/onnxruntime-node.js";
import { backend as threads } from "../../harness/backends/onnxruntime-web-threads.js";
import { backend as web } from "../../harness/backends/onnxruntime-web.js";
import { backend as tfjsNode } from "../../harness/backends/tfjs-node.js";
import { kernels } from "../../harness/engine/plugins.generated.js";
import { kernel as emd } from "../../harness/kernels/emd.js";
import { kernel as encoder } from "../../harness/kernels/encoder.js";
import type { Layer, Network } from "../../harness/models/network.js";
import { networkKernel, networkOf } from "../../harness/models/networkkernel.js";
import { onnxModel } from "../../harness/models/onnx.js";
import { Message } from "../../harness/models/protobuf.js";

const conv = (
  kind: "conv2d" | "conv2d-transpose",
  filters: number,
  kernel: number,
  stride: number,
  activation: "tanh" | "leaky-relu" | "linear" | "relu",
): Layer => ({ kind, filters, kernel, stride, activation });
const norm: Layer = { kind: "batch-norm", epsilon: 1e-3, momentum: 0.9 };
const net = (id: string, input: readonly number[], ...layers: Layer[]): Network => ({
  id,
  input,
  leak: 0.1,
  layers,
});

/** Every layer, and every way in which pictures and flat tensors follow one another. */
const UNUSUAL: readonly Network[] = [
  net(
    "flattened, and made a picture after a normalisation",
    [5, 7, 3],
    conv("conv2d", 6, 3, 2, "tanh"),
    conv("conv2d-transpose", 4, 5, 3, "leaky-relu"),
    { kind: "flatten" },
    { kind: "dense", units: 24, activation: "relu" },
    norm,
    { kind: "reshape", to: [2, 3, 4] },
    conv("conv2d-transpose", 5, 1, 2, "linear"),
  ),
  net(
    "a picture made another, and flattened for no dense layer",
    [6, 6, 2],
    conv("conv2d", 4, 2, 1, "linear"),
    { kind: "reshape", to: [12, 6, 2] },
    { kind: "upsample", size: 2 },
    { kind: "max-pool", size: 3 },
    norm,
    { kind: "flatten" },
    { kind: "activation", activation: "sigmoid" },
  ),
  net(
    "units that become a picture",
    [9],
    norm,
    { kind: "dense", units: 24, activation: "leaky-relu" },
    { kind: "reshape", to: [2, 3, 4] },
    conv("conv2d", 3, 3, 1, "relu"),
  ),
];

const kernelOf = (network: Network): Kernel =>
  networkKernel({
    id: network.id,
    title: network.id,
    source: "made for this test",
    network,
    itemName: "row",
    drawRow: (source) =>
      Float64Array.from({ length: network.input.reduce((size, edge) => size * edge, 1) }, () =>
        source.normal(),
      ),
    rows: [5],
  });
const networks = [...kernels.values()].filter((kernel) => networkOf(kernel) !== undefined);

describe("onnxruntime-web", async () => {
  const session = await web.open();
  afterAll(async () => session.close());

  it.each([...networks, ...UNUSUAL.map(kernelOf)])("computes $id within its tolerance", async (kernel) => {
    for (const rows of [1, 5]) {
      const inputs = kernel.generate({ rows }, rng(5, rows));
      const outputs = await session.call(kernel, inputs, { rows });
      const expected = kernel.reference(inputs, { rows });
      expect(kernel.agrees(outputs, expected, inputs, { rows }).ratio).toBeLessThanOrEqual(1);
    }
  });

  it("gives no output for no rows", async () => {
    const inputs = encoder.generate({ rows: 0 }, rng(1));
    expect((await session.call(encoder, inputs, { rows: 0 })).output).toHaveLength(0);
  });

  it("sees parameters that were changed in place, unless they were promised to be constant", async () => {
    const generated = encoder.generate({ rows: 2 }, rng(3));
    const inputs = { ...generated, parameters: generated.parameters.slice() };
    await session.call(encoder, inputs, { rows: 2 });
    inputs.parameters.fill(0);
    const { output } = await session.call(encoder, inputs, { rows: 2 });
    expect(output.every((y: number) => y === 0)).toBe(true);
  });

  it("refuses to change the number of threads of a process, and kernels that are no networks", async () => {
    if ((await threads.missing()) !== undefined) expect(await threads.missing()).toMatch(/cannot change/);
    expect(web.cannot?.(emd)).toMatch(/networks only/);
    expect(web.cannot?.(encoder)).toBeUndefined();
  });
});

describe("what is not installed", () => {
  it.each([node, tfjsNode])("$id is used when it is there and says so when it is not", async (backend) => {
    const reason = await backend.missing();
    if (reason !== undefined) expect(reason).toMatch(/is not installed$|does not load/);
  });
});

describe("onnxModel", () => {
  it("depends on the parameters alone", () => {
    const plan = networkOf(encoder);
    if (plan === undefined) throw new Error("no network");
    const parameters = new Float32Array(plan.parameters).fill(0.5);
    expect(onnxModel(plan, parameters)).toEqual(onnxModel(plan, parameters.slice()));
  });
});

describe("protobuf", () => {
  it("writes the examples of its specification", () => {
    expect([...new Message().integer(1, 150).encoded()]).toEqual([0x08, 0x96, 0x01]);
    expect([...new Message().string(2, "testing").encoded()]).toEqual([
      0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67,
    ]);
    expect([...new Message().message(3, new Message().integer(1, 150)).encoded()]).toEqual([
      0x1a, 0x03, 0x08, 0x96, 0x01,
    ]);
    expect([...new Message().float(4, 1).encoded()]).toEqual([0x25, 0, 0, 0x80, 0x3f]);
    expect(() => new Message().integer(1, -1)).toThrow(/whole number/);
  });
});
