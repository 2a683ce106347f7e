/** Conditional decoders: nothing changes before they are trained, what they are told is what the labels say, some rows stay untold. */
import { describe, expect, it } from "vitest";
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import { rng } from "../../harness/core/rng.js";
import { CELLS, type Label } from "../../harness/core/table.js";
import { autoencoderCodec } from "../../harness/codecs/aemodel.js";
import {
  ConditionedSet,
  conditionDecoder,
  refuseUntellable,
  widened,
} from "../../harness/engine/traincondition.js";
import { chipWeights, LatentSet } from "../../harness/engine/trainchip.js";
import { prepareTraining, trainedParts } from "../../harness/engine/trainrun.js";
import { ENCODER_443, ENCODER_STRIDE } from "../../harness/models/catalogue.js";
import { CONDITION_LABELS, CONDITIONS, writeConditions } from "../../harness/models/conditions.js";
import { compileNetwork } from "../../harness/models/inference.js";
import { releaseKernels } from "../wasm/releasekernels.js";
import { hostOf, LOOP, modules, request } from "./trainfixtures.js";

const told = (layer: number, eta: number, density: number, type: number): ReadonlyMap<Label, Float64Array> =>
  new Map(CONDITION_LABELS.map((label, i) => [label, Float64Array.of([layer, eta, density, type][i])]));

function conditions(labels: ReadonlyMap<Label, Float64Array>): number[] {
  const to = new Float64Array(CONDITIONS + 2).fill(9);
  writeConditions(labels, 0, to, 1);
  expect([to[0], to[CONDITIONS + 1]]).toEqual([9, 9]);
  return [...to.subarray(1, CONDITIONS + 1)];
}

describe("conditions", () => {
  it("are one band of layers, eta over its range, density and type", () => {
    const found = conditions(told(9, -2.35, 1, 0));
    expect(found.slice(0, 5)).toEqual([1, 0, 0, 1, 0]);
    expect(found.slice(-3)).toEqual([0.5, 1, 0].map((value) => expect.closeTo(value, 12) as number));
    expect(conditions(told(50, 9, 0, 11)).slice(-4)).toEqual([1, 1, 0, 1]);
  });

  it("are all zero where a label is missing", () => {
    const labels = new Map([...told(9, 2, 1, 0)].filter(([label]) => label !== "eta"));
    expect(new Set(conditions(labels))).toEqual(new Set([0]));
    expect(() => {
      refuseUntellable(ENCODER_STRIDE, { id: "modules.csv", labels });
    }).toThrow("modules.csv: expected column eta for --condition, got none");
  });

  it("are for the chip's encoder, which is said before anything is trained", () => {
    expect(() => {
      refuseUntellable(ENCODER_443, { id: "modules.csv", labels: told(9, 2, 1, 0) });
    }).toThrow("--condition: expected the chip's encoder");
  });
});

describe("a conditional decoder", () => {
  const random = rng(3);
  const table = modules(400, {
    layer: (row) => (row % 2 === 0 ? 5 : 30),
    eta: () => 1.5 + random.uniform(),
    HD_LD: (row) => (row % 3 === 0 ? 1 : 0),
    ModType: () => 0,
  });
  const { labels } = table;
  const prepared = prepareTraining(request({ table, links: 2, loop: { ...LOOP, epochs: 2 } }));
  const parts = trainedParts(prepared, prepared.job.start);

  it("begins as the decoder that it widens, whatever it is told", () => {
    const latents = Array.from({ length: 16 }, () => random.uniform());
    const wide = widened(parts.decoder);
    const input = Float64Array.from([...latents, ...conditions(told(21, 2, 1, 1))]);
    expect([...compileNetwork(wide.plan, wide.parameters)(input)]).toEqual([
      ...compileNetwork(parts.decoder.plan, parts.decoder.parameters)(Float64Array.from(latents)),
    ]);
  });

  it("is shown latents and labels, every eighth row without them", () => {
    const latents = new LatentSet(prepared.training, chipWeights(parts.encoder), 3);
    const width = 16 + CONDITIONS;
    const rows = Int32Array.from({ length: 16 }, (_, i) => i);
    const alone = latents.batch(rows).input;
    for (const untold of [true, false]) {
      const { input } = new ConditionedSet(latents, labels, untold).batch(rows);
      rows.forEach((row) => {
        const own = input.subarray(row * width, (row + 1) * width);
        expect(own.subarray(0, 16)).toEqual(alone.subarray(row * 16, (row + 1) * 16));
        const wanted = new Float32Array(CONDITIONS);
        if (!untold || row % 8 !== 0) writeConditions(labels, prepared.training.members[row], wanted, 0);
        expect(own.subarray(16)).toEqual(wanted);
      });
    }
  });

  it("is trained beside the same encoder", async () => {
    const { parts: found, record } = await conditionDecoder(
      parts,
      prepared,
      { epochs: 2, links: 2, labels },
      hostOf(releaseKernels),
    );
    expect(found.encoder).toBe(parts.encoder);
    expect(found.decoder.plan.inputSize).toBe(16 + CONDITIONS);
    expect(record.condition).toMatchObject({ epochs: 2, labels: CONDITION_LABELS });
  });

  it("decodes by the labels that its codec declares", async () => {
    const decoder = widened(parts.decoder);
    const [kernel] = decoder.plan.layers[0].tensors;
    for (let i = kernel.offset + 16 * kernel.shape[1]; i < kernel.offset + kernel.size; i++)
      decoder.parameters[i] = random.normal();
    const model = {
      id: "told",
      architecture: "own",
      sha256: "0",
      source: "test",
      parts: { encoder: parts.encoder, decoder },
    };
    const codec = autoencoderCodec(model, { id: "ae-told", title: "told", source: "test", links: 2 });
    const open = await codec.open({}, releaseKernels);
    expect(open.side).toEqual(CONDITION_LABELS);
    const writer = new BitWriter();
    await open.encode({ rows: 2, calq: table.calq.slice(0, 2 * CELLS), labels: new Map() }, writer);
    const restored = async (...layers: readonly [number, number]): Promise<Float64Array> => {
      const side = new Map(
        [...told(0, 2, 0, 0)].map(([label, [value]]) => [label, Float64Array.of(value, value)]),
      );
      side.set("layer", Float64Array.from(layers));
      return open.decode(new BitReader(writer.toBytes()), 2, side);
    };
    const [rise, mixed, end] = [await restored(5, 5), await restored(5, 30), await restored(30, 30)];
    expect(mixed.subarray(0, CELLS)).toEqual(rise.subarray(0, CELLS));
    expect(mixed.subarray(CELLS)).toEqual(end.subarray(CELLS));
    expect(rise.subarray(CELLS)).not.toEqual(end.subarray(CELLS));
  });
});
