/** Training: repeatable on any number of threads, resumable bit for bit, refused input, and that it learns. */
import { describe, expect, it } from "vitest";
import { isHarnessError } from "../../harness/core/errors.js";
import { rng } from "../../harness/core/rng.js";
import { CELLS } from "../../harness/core/table.js";
import { rateOf, train, type LoopSettings } from "../../harness/engine/train.js";
import {
  fileStore,
  packCheckpoint,
  unpackCheckpoint,
  TRAINING_ENGINE,
  type Checkpoint,
} from "../../harness/engine/traincheckpoint.js";
import { fitToChip } from "../../harness/engine/trainchip.js";
import { prepareTraining, trainedParts } from "../../harness/engine/trainrun.js";
import { compareVersions, versionsText } from "../../harness/engine/trainversions.js";
import { sha256 } from "../../harness/io/hash.js";
import { TARGET_RULES } from "../../harness/models/trainrules.js";
import { epochOrder } from "../../harness/models/trainset.js";
import { openPool } from "../../harness/wasm/pool.js";
import { refusal, temporaryFolder } from "../io/temporary.js";
import { releaseKernels as kernels } from "../wasm/releasekernels.js";
import { hostOf, LOOP, modules, request } from "./trainfixtures.js";

const temporary = temporaryFolder();

describe("training", () => {
  it.each(["emd", "telescope", "mse", "weighted-mse"] as const)("learns with %s", async (loss) => {
    const loop = { ...LOOP, loss, epochs: 20 };
    const { curve, bestEpoch } = await train(prepareTraining(request({ loop })).job, hostOf(kernels));
    expect(curve).toHaveLength(21);
    expect(curve[bestEpoch].validationLoss).toBeLessThan(0.8 * curve[0].validationLoss);
  });

  it("learns with the telescope of pixels in another order than the kernels'", async () => {
    const loop = { ...LOOP, loss: "telescope", epochs: 12 } as const;
    const { job } = prepareTraining(request({ model: "autoencoder-4x4x3", order: "interleave", loop }));
    const { curve, bestEpoch } = await train(job, hostOf(kernels));
    expect(curve[bestEpoch].validationLoss).toBeLessThan(0.8 * curve[0].validationLoss);
  });

  it.each([
    ["emd", "8x8"],
    ["telescope", "8x8"],
    ["mse", "8x8"],
    ["weighted-mse", "8x8"],
    ["telescope", "flat"],
    ["telescope", "interleave"],
  ] as const)(
    "takes the same %s in steps as in validation, in order %s, times weights",
    async (loss, order) => {
      const optimiser = { ...LOOP.optimiser, learningRate: 0 };
      const loop = { ...LOOP, loss, optimiser, epochs: 1 };
      const model = order === "8x8" ? "autoencoder-8x8-stride" : "autoencoder-4x4x3";
      const { job } = prepareTraining(request({ model, order, loop }));
      const { training } = job;
      const twice = {
        rows: training.rows,
        batch: (rows: Int32Array) => ({
          ...training.batch(rows),
          weights: new Float32Array(rows.length).fill(2),
        }),
      };
      const { curve } = await train({ ...job, training: twice, validation: training }, hostOf(kernels));
      // Kernels add up in float32.
      expect(Math.abs((curve[1].loss ?? 0) / (2 * curve[1].validationLoss) - 1)).toBeLessThan(2e-6);
    },
  );

  it("ends with the same bits on one thread and on three", async () => {
    const alone = await train(prepareTraining(request()).job, hostOf(kernels));
    const pool = await openPool({ threads: 3 });
    try {
      const divided = await train(prepareTraining(request()).job, hostOf(pool));
      expect(divided).toEqual(alone);
    } finally {
      await pool.close();
    }
  });

  it("goes on from a checkpoint as if it had never stopped", async () => {
    const whole = await train(prepareTraining(request()).job, hostOf(kernels));
    const store = fileStore(temporary.path("stopped.wmt"));
    const stop = new AbortController();
    const stopped = train(prepareTraining(request({ store })).job, {
      ...hostOf(kernels),
      signal: stop.signal,
      onEpoch: ({ epoch }) => {
        if (epoch === 2) stop.abort(new Error("stopped"));
      },
    });
    await expect(stopped).rejects.toThrow("stopped");
    expect(await train(prepareTraining(request({ store, resume: true })).job, hostOf(kernels))).toEqual(
      whole,
    );
  });

  it("ends early without a better validation loss", async () => {
    const loop: LoopSettings = {
      ...LOOP,
      epochs: 50,
      patience: 2,
      optimiser: { ...LOOP.optimiser, learningRate: 0 },
    };
    const { curve, endedBy, bestEpoch } = await train(
      prepareTraining(request({ loop })).job,
      hostOf(kernels),
    );
    expect([curve.length, endedBy, bestEpoch]).toEqual([3, "patience", 0]);
  });

  it("falls from the first learning rate to a hundredth of it", () => {
    const loop = { ...LOOP, epochs: 11 };
    expect(rateOf(loop, 1)).toBe(0.005);
    expect(rateOf(loop, 6)).toBeCloseTo(0.005 * (0.01 + 0.99 / 2), 12);
    expect(rateOf(loop, 11)).toBeCloseTo(0.00005, 12);
  });

  it("visits every row once, in another order each epoch", () => {
    expect([...epochOrder(100, 1, 1)].sort((x, y) => x - y)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    expect(epochOrder(100, 1, 2)).not.toEqual(epochOrder(100, 1, 1));
    expect(epochOrder(100, 1, 2)).toEqual(epochOrder(100, 1, 2));
  });
});

describe("the chip", () => {
  it("gets an encoder on its grid, and a decoder that knows its arithmetic", async () => {
    const prepared = prepareTraining(request({ loop: { ...LOOP, epochs: 8 } }));
    const { parameters } = await train(prepared.job, hostOf(kernels));
    const fitted = await fitToChip(trainedParts(prepared, parameters), prepared, 4, 3, hostOf(kernels));
    const { chip } = fitted.record as { chip: { emdBefore: number; validationEmd: number } };
    expect(chip.validationEmd).toBeLessThan(chip.emdBefore);
    for (const weight of fitted.parts.encoder.parameters) {
      expect(Number.isInteger(32 * weight)).toBe(true);
      expect(weight >= -1 && weight <= 31 / 32).toBe(true);
    }
  });
});

describe("versions of a model", () => {
  const loop: LoopSettings = { ...LOOP, epochs: 12 };
  it("are those that codec and training see, on the same rows", async () => {
    const host = hostOf(kernels);
    const [prepared, free] = [3, undefined].map((links) => prepareTraining(request({ loop, links })));
    const quantised = await train(prepared.job, host);
    const float = await train(free.job, host);
    const fitted = await fitToChip(trainedParts(prepared, quantised.parameters), prepared, 4, 3, host);
    const given = { links: 3, float: float.parameters, quantised: quantised.parameters };
    const found = await compareVersions({ ...given, fitted: fitted.parts }, prepared, host);
    expect(found.float).toBe(float.curve[float.bestEpoch].validationEmd);
    expect(found.quantisationAware).toBe(quantised.curve[quantised.bestEpoch].validationEmd);
    expect(found.chip).toBe((fitted.record as { chip: { validationEmd: number } }).chip.validationEmd);
    expect(found.postTraining).toBeGreaterThan(found.float ?? Infinity);
    const before = { ...prepared.job, start: float.parameters, settings: { ...loop, epochs: 1 } };
    expect(found.postTraining).toBe((await train(before, host)).curve[0].validationEmd);
  });

  it("have no chip where it does not compute the encoder", async () => {
    const prepared = prepareTraining(
      request({ model: "autoencoder-8x8-pool", loop: { ...LOOP, epochs: 1 } }),
    );
    const { parameters } = await train(prepared.job, hostOf(kernels));
    const versions = { links: 3, float: parameters, quantised: parameters };
    const fitted = trainedParts(prepared, parameters);
    const found = await compareVersions({ ...versions, fitted }, prepared, hostOf(kernels));
    expect(found.chip).toBeNull();
    expect(versionsText(found)).toMatch(/chip, bit for bit +n\/a/);
  });
});

describe("target rules", () => {
  const table = modules(300, {
    SimEnergyFraction: (row) => [0, 0.00005, 0.0005, 0.5][row % 4],
    entry: (row) => Math.floor(row / 3),
  });

  it.each([
    ["none", 300, 0],
    ["remove", 150, 0],
    ["remove-signal", 150, 0],
    ["mask", 300, 225],
    ["mask-pixel", 300, 0],
    ["calq", 300, 0],
  ] as const)("%s keeps %i modules, %i without a target", (rule, kept, empty) => {
    const { training, validation } = prepareTraining(request({ table, rule }));
    expect(training.rows + validation.rows).toBe(kept);
    const all = [training, validation].flatMap((set) => {
      const { cells } = set.batch(Int32Array.from({ length: set.rows }, (_, i) => i));
      return Array.from({ length: set.rows }, (_, i) => cells.subarray(i * CELLS, (i + 1) * CELLS));
    });
    expect(all.filter((row) => row.every((charge) => charge === 0))).toHaveLength(empty);
    expect(TARGET_RULES).toContain(rule);
  });

  it("zeroes the target, not the input, of modules with little charge", () => {
    const small = modules(100);
    small.calq.fill(0, 0, CELLS);
    small.calq[3] = 29;
    small.calq.fill(0, CELLS, 2 * CELLS);
    small.calq[CELLS + 3] = 30;
    const { training, validation } = prepareTraining(request({ table: small, rule: "calq" }));
    for (const set of [training, validation])
      set.members.forEach((row, i) => {
        const { input, cells } = set.batch(Int32Array.of(i));
        expect(input.some((x) => x > 0)).toBe(true);
        expect(cells.some((x) => x > 0)).toBe(row !== 0);
      });
  });

  it("never parts the rows of an event", () => {
    const { training, validation } = prepareTraining(request({ table }));
    const events = (members: Int32Array) => new Set([...members].map((row) => Math.floor(row / 3)));
    const [first, second] = [events(training.members), events(validation.members)];
    expect([...first].filter((event) => second.has(event))).toEqual([]);
    expect(validation.rows / 300).toBeGreaterThan(0.1);
    expect(validation.rows / 300).toBeLessThan(0.3);
  });

  it("weighs every occupancy alike", () => {
    const { training } = prepareTraining(request({ table, reweight: true }));
    const { weights = new Float32Array() } = training.batch(
      Int32Array.from({ length: training.rows }, (_, i) => i),
    );
    expect(weights.reduce((sum, weight) => sum + weight, 0) / training.rows).toBeCloseTo(1, 4);
  });

  it("refuses tables without energies, without rows, with bad charges, and other networks", async () => {
    expect((await refusal(() => prepareTraining(request({ rule: "remove" })))).tag).toBe("labels");
    const empty = modules(5);
    empty.calq.fill(0);
    expect((await refusal(() => prepareTraining(request({ table: empty })))).tag).toBe("empty");
    for (const charge of [NaN, -1, Infinity]) {
      const bad = modules(5);
      bad.calq[CELLS + 2] = charge;
      expect((await refusal(() => prepareTraining(request({ table: bad })))).message).toMatch(
        /row 1: CALQ_2/,
      );
    }
    expect((await refusal(() => prepareTraining(request({ model: "baler-26-13" })))).tag).toBe("model");
    expect(isHarnessError(await refusal(() => prepareTraining(request({ model: "nothing" }))))).toBe(true);
    const few = await refusal(() => prepareTraining(request({ table: modules(1) })));
    expect(few).toMatchObject({ tag: "empty", message: expect.stringMatching(/too few modules/) as string });
  });
});

describe("a checkpoint", () => {
  const values = (seed: number): Float32Array => Float32Array.from({ length: 5 }, () => rng(seed).normal());
  const checkpoint: Checkpoint = {
    fingerprint: "f",
    state: { parameters: values(1), firstMoment: values(2), secondMoment: values(3), step: 7 },
    bestEpoch: 1,
    best: values(4),
    curve: [{ epoch: 0, learningRate: 0, loss: null, validationLoss: 2, validationEmd: null }],
  };

  it("comes back as it was", () => {
    expect(unpackCheckpoint(packCheckpoint(checkpoint), "c")).toEqual(checkpoint);
  });

  it("is refused when another engine began it, which it says", async () => {
    expect(prepareTraining(request()).record.engine).toBe(TRAINING_ENGINE);
    const packed = packCheckpoint(checkpoint);
    const length = new DataView(packed.buffer).getUint32(4, true);
    const text = new TextDecoder().decode(packed.subarray(8, 8 + length));
    for (const [engine, named] of [
      ["", 1],
      ['"engine":9,', 9],
    ] as const) {
      const other = new TextEncoder().encode(text.replace(/"engine":\d+,/, engine));
      const values = packed.subarray(8 + length, packed.length - 32);
      const bytes = new Uint8Array([...packed.subarray(0, 8), ...other, ...values]);
      new DataView(bytes.buffer).setUint32(4, other.length, true);
      const whole = new Uint8Array([...bytes, ...Buffer.from(sha256(bytes), "hex")]);
      const found = await refusal(() => unpackCheckpoint(whole, "c"));
      expect(found.message).toBe(`c: checkpoint of another training engine: expected 2, got ${named}`);
    }
  });

  it("is refused when any byte is another, or it is cut off", async () => {
    const packed = packCheckpoint(checkpoint);
    for (let at = 0; at < packed.length; at += 7) {
      const damaged = packed.slice();
      damaged[at] ^= 1;
      expect((await refusal(() => unpackCheckpoint(damaged, "c"))).tag).toBe("checkpoint");
    }
    for (const length of [0, 3, 40, packed.length - 1])
      expect((await refusal(() => unpackCheckpoint(packed.subarray(0, length), "c"))).tag).toBe("checkpoint");
  });
});
