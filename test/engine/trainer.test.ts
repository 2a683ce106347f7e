import { afterAll, describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { openTrainer } from "../../harness/engine/trainer.js";
import { adamReference, adamRules, adamSettings, type AdamState } from "../../harness/models/adam.js";
import { trainingPass } from "../../harness/models/backward.js";
import { AUTOENCODER_STRIDE, jetNetwork } from "../../harness/models/catalogue.js";
import { initialise } from "../../harness/models/initialise.js";
import { plan, type Plan } from "../../harness/models/network.js";
import { drawPicture8x8 } from "../../harness/models/networkrows.js";
import { initialState, type LossId } from "../../harness/models/training.js";
import { lossOfBatch } from "../../harness/models/trainingloss.js";
import { openPool, type Pool } from "../../harness/wasm/pool.js";

const OPTIMISER = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.01 };
const AUTOENCODER = plan(AUTOENCODER_STRIDE);
const JETS = plan(jetNetwork("jets", [6, 20, 3, 20, 6], "leaky-relu", true));
const pools: Pool[] = [];
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
});

async function open(planned: Plan, loss: LossId, threads = 0, quantise?: (p: Float32Array) => Float32Array) {
  const state = initialState(planned, Float32Array.from(initialise(planned, 4)));
  const options = { planned, loss, optimiser: OPTIMISER, ...(quantise === undefined ? {} : { quantise }) };
  if (threads === 0) return openTrainer(options, state);
  const kernels = await openPool({ threads });
  pools.push(kernels);
  return openTrainer({ ...options, kernels }, state);
}

function pictures(rows: number): Float32Array {
  const source = rng(8);
  return Float32Array.from(Array.from({ length: rows }, () => [...drawPicture8x8(source)]).flat());
}

/** Parameters and losses of some steps in float64. */
function reference(planned: Plan, loss: LossId, input: Float32Array, rows: number, steps: number) {
  let state: AdamState = {
    parameters: initialise(planned, 4),
    firstMoment: new Float64Array(planned.parameters),
    secondMoment: new Float64Array(planned.parameters),
  };
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    const pass = trainingPass(planned, state.parameters, Float64Array.from(input), rows, (output) => {
      const found = lossOfBatch(loss, planned, input, output, rows);
      losses.push(found.loss);
      return found.gradient;
    });
    const gradient = pass.parameterGradient;
    const rules = adamRules(planned);
    const next = adamReference(state, gradient, rules, adamSettings(OPTIMISER, step));
    for (const [i, moved] of pass.movedStatistics) next.parameters[i] = moved;
    state = next;
  }
  return { losses, parameters: state.parameters };
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]));
  return worst;
};

describe("a trainer", () => {
  it.each([
    ["telescope", AUTOENCODER],
    ["mse", JETS],
  ] as const)("follows float64 for five steps of %s", async (loss, planned) => {
    const rows = 40;
    const input =
      planned === AUTOENCODER
        ? pictures(rows)
        : pictures(rows)
            .subarray(0, 6 * rows)
            .map((x) => 20 * x);
    const trainer = await open(planned, loss);
    const expected = reference(planned, loss, input, rows, 5);
    const losses: number[] = [];
    for (let step = 0; step < 5; step++) losses.push(await trainer.step(input, input, rows));
    losses.forEach((value, i) => {
      expect(Math.abs(value / expected.losses[i] - 1)).toBeLessThan(2e-5);
    });
    // Adam makes a full step of 1e-3 out of any gradient, however small: most parameters follow closely.
    const { parameters, step } = trainer.state;
    const far = expected.parameters.filter((p, i) => Math.abs(p - parameters[i]) > 1e-5);
    expect(far.length).toBeLessThan(0.01 * parameters.length);
    expect(step).toBe(5);
  });

  it("gives the same bits on its own thread, on one, two and three others, last share not full, and again", async () => {
    const rows = 515;
    const input = pictures(rows);
    const states: Float32Array[] = [];
    for (const threads of [0, 1, 2, 3, 0]) {
      const trainer = await open(AUTOENCODER, "mse", threads);
      for (let step = 0; step < 3; step++) await trainer.step(input, input, rows);
      states.push(trainer.state.parameters);
    }
    for (const parameters of states) expect(parameters).toEqual(states[0]);
  });

  it("an external loss of the same slopes steps the same way", async () => {
    const rows = 150;
    const input = pictures(rows);
    const [own, other] = [await open(AUTOENCODER, "mse"), await open(AUTOENCODER, "mse")];
    const loss = await own.step(input, input, rows);
    const external = await other.stepWith(input, rows, (output) => {
      const found = lossOfBatch("mse", AUTOENCODER, input, output, rows);
      return Promise.resolve({ loss: found.loss, gradient: Float32Array.from(found.gradient) });
    });
    expect(Math.abs(external / loss - 1)).toBeLessThan(1e-6);
    expect(distance(own.state.firstMoment, other.state.firstMoment)).toBeLessThan(1e-8);
  });

  it("makes no step from an external loss that is no number", async () => {
    const input = pictures(3);
    const trainer = await open(AUTOENCODER, "mse");
    const { parameters } = trainer.state;
    const gradient = new Float32Array(3 * AUTOENCODER.outputSize).fill(NaN);
    expect(await trainer.stepWith(input, 3, () => ({ loss: NaN, gradient }))).toBeNaN();
    expect(trainer.state.parameters).toEqual(parameters);
    expect(trainer.state.step).toBe(0);
  });

  it("weights rows, and rows of weight 0 do nothing", async () => {
    const rows = 20;
    const input = pictures(rows);
    const [few, weighted] = [await open(AUTOENCODER, "mse"), await open(AUTOENCODER, "mse")];
    const half = await few.step(input.subarray(0, 640), input.subarray(0, 640), 10);
    const weights = Float32Array.from({ length: rows }, (_, row) => (row < 10 ? 2 : 0));
    expect(Math.abs((await weighted.step(input, input, rows, weights)) / half - 1)).toBeLessThan(1e-6);
    expect(distance(few.state.firstMoment, weighted.state.firstMoment)).toBeLessThan(1e-9);
  });

  it("takes gradients at the quantised parameters and steps the others", async () => {
    const rows = 8;
    const input = pictures(rows);
    const quantise = (p: Float32Array): Float32Array => p.map((x) => Math.round(x * 8) / 8);
    const rounded = await open(AUTOENCODER, "mse", 0, quantise);
    const before = rounded.state.parameters;
    const there = initialState(AUTOENCODER, quantise(before));
    const plain = await openTrainer({ planned: AUTOENCODER, loss: "mse", optimiser: OPTIMISER }, there);
    expect(await rounded.infer(input, rows)).toEqual(await plain.infer(input, rows));
    expect(await rounded.step(input, input, rows)).toBe(await plain.step(input, input, rows));
    expect(rounded.state.firstMoment).toEqual(plain.state.firstMoment);
    expect(distance(rounded.state.parameters, before)).toBeLessThan(1.1e-3);
    expect(distance(plain.state.parameters, before)).toBeGreaterThan(0.01);
  });

  it("infers with moving statistics and learns", async () => {
    const rows = 64;
    const source = rng(2);
    const input = Float32Array.from({ length: 6 * rows }, () => source.normal());
    const trainer = await open(JETS, "mse");
    const loss = async () => lossOfBatch("mse", JETS, input, await trainer.infer(input, rows), rows).loss;
    const before = await loss();
    for (let step = 0; step < 400; step++) await trainer.step(input, input, rows);
    expect(await loss()).toBeLessThan(0.5 * before);
  });

  it("makes no step from a loss that is no number", async () => {
    const input = pictures(2).fill(NaN, 0, 1);
    const trainer = await open(AUTOENCODER, "mse");
    const { parameters } = trainer.state;
    expect(await trainer.step(input, input, 2)).toBeNaN();
    expect(trainer.state.parameters).toEqual(parameters);
    expect(trainer.state.step).toBe(0);
  });

  it("refuses what does not fit, by name", async () => {
    const trainer = await open(AUTOENCODER, "mse");
    const input = pictures(2);
    await expect(trainer.step(input, input.subarray(1), 2)).rejects.toThrow(
      /target: expected 128 values, got 127/,
    );
    await expect(open(JETS, "telescope")).rejects.toThrow(
      /telescope loss: outputs: expected 48 or 64, got 6/,
    );
    const options = { planned: AUTOENCODER, loss: "mse", optimiser: OPTIMISER } as const;
    const none = await openTrainer({ ...options, loss: undefined }, trainer.state);
    await expect(none.step(input, input, 2)).rejects.toThrow(/loss: expected one of its own, got none/);
    const state = initialState(AUTOENCODER, new Float32Array(3));
    await expect(openTrainer(options, state)).rejects.toThrow(/parameters: expected/);
  });
});
