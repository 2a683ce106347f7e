/**
 * A trainer on the WebAssembly training pass: outputs, the caller's loss, gradients, Adam.
 *
 * A batch is always cut into the same shares, which threads may divide among them; their gradients are added in order, so the
 * bits do not depend on the number of threads. Adam works on float32 state with float64 arithmetic in between.
 */
import { pow, sqrt } from "../core/elementary.js";
import type { KernelRunner } from "../core/kernel.js";
import { gradientKernel, WITH_GRADIENT } from "../models/gradientkernel.js";
import { compileGradient } from "../models/gradientprogram.js";
import type {
  LossAndGradient,
  OpenTrainer,
  Trainer,
  TrainerOptions,
  TrainState,
} from "../models/traintypes.js";

const SHARES = 4;
const LANES = 4;

class GradientTrainer implements Trainer {
  readonly #kernel;
  readonly #program: Int32Array;
  #state: TrainState;
  #rate: number;

  constructor(
    readonly kernels: KernelRunner,
    readonly options: TrainerOptions,
    state: TrainState,
  ) {
    const { planned, grid, optimiser } = options;
    this.#program = compileGradient(planned, grid).code;
    this.#kernel = gradientKernel({
      id: `gradient of ${planned.network.id}`,
      title: "",
      source: "",
      planned,
      ...(grid === undefined ? {} : { grid }),
      drawRow: () => new Float64Array(planned.inputSize),
    });
    this.#state = state;
    this.#rate = optimiser.learningRate;
  }

  get state(): TrainState {
    return this.#state;
  }

  setLearningRate(rate: number): void {
    this.#rate = rate;
  }

  #used(): Float32Array {
    const { parameters } = this.#state;
    return this.options.quantise?.(parameters) ?? parameters;
  }

  /** Outputs, and gradients by share when slopes are given; all rows padded to whole shares. */
  async #pass(input: Float32Array, rows: number, parameters: Float32Array, slopes?: Float32Array) {
    const { inputSize, outputSize } = this.options.planned;
    const perShare = LANES * Math.ceil(rows / (SHARES * LANES));
    const padded = new Float32Array(SHARES * perShare * inputSize);
    padded.set(input);
    const upstream = new Float32Array(SHARES * perShare * outputSize);
    if (slopes !== undefined) upstream.set(slopes);
    const inputs = { input: padded, upstream, parameters, program: this.#program };
    const mode = slopes === undefined ? 0 : WITH_GRADIENT;
    return this.kernels.call(this.#kernel, inputs, { shares: SHARES, rows: perShare, mode });
  }

  async infer(input: Float32Array, rows: number): Promise<Float32Array> {
    return this.#outputs(input, rows, this.#used());
  }

  async #outputs(input: Float32Array, rows: number, parameters: Float32Array): Promise<Float32Array> {
    const { output } = await this.#pass(input, rows, parameters);
    return Float32Array.from(output.subarray(0, rows * this.options.planned.outputSize));
  }

  async step(
    input: Float32Array,
    rows: number,
    lossOf: (output: Float32Array) => LossAndGradient | Promise<LossAndGradient>,
  ): Promise<number> {
    const parameters = this.#used();
    const { loss, gradient: slopes } = await lossOf(await this.#outputs(input, rows, parameters));
    if (!Number.isFinite(loss)) return loss;
    const { gradient } = await this.#pass(input, rows, parameters, slopes);
    this.#adam(gradient as Float32Array);
    return loss;
  }

  /** One step along the sum of the shares' gradients, [SHARES, parameters]. */
  #adam(gradients: Float32Array): void {
    const { beta1, beta2, epsilon, weightDecay } = this.options.optimiser;
    const step = this.#state.step + 1;
    const rate = (this.#rate * sqrt(1 - pow(beta2, step))) / (1 - pow(beta1, step));
    const parameters = this.#state.parameters.slice();
    const firstMoment = this.#state.firstMoment.slice();
    const secondMoment = this.#state.secondMoment.slice();
    const count = parameters.length;
    for (let i = 0; i < count; i++) {
      let slope = 0;
      for (let share = 0; share < SHARES; share++) slope += gradients[share * count + i];
      const first = beta1 * firstMoment[i] + (1 - beta1) * slope;
      const second = beta2 * secondMoment[i] + (1 - beta2) * slope * slope;
      firstMoment[i] = first;
      secondMoment[i] = second;
      parameters[i] =
        parameters[i] * (1 - this.#rate * weightDecay) - (rate * first) / (sqrt(second) + epsilon);
    }
    this.#state = { parameters, firstMoment, secondMoment, step };
  }
}

/** Opens trainers on these kernels. */
export function trainersOn(kernels: KernelRunner): OpenTrainer {
  return (options, state) => new GradientTrainer(kernels, options, state);
}
