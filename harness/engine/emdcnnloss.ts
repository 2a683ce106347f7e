/**
 * A network that guesses the EMD as a training loss, with its gradient in the decoded picture: what the published trainings had in the
 * place of the exact distance. Its weights come from outside.
 *
 * The guess is g(a, q) = (f(a, q) + f(q, a)) / 2 on the unit-sum pictures of target and decoded module, as in metrics/emd-cnn.ts; f's
 * parameters are fixed, so that batch normalisation is folded away (models/frozennetwork.ts) and slopes in the second picture of each
 * order go back through f alone. Then q_j = y_j / Y as for the exact distance (emdloss.ts).
 * Source: fastml-science sensor-data-compression, pair_emd_loss_cnn.py; arXiv:2306.04712.
 */
import { constant } from "../core/constant.js";
import { InputError } from "../core/errors.js";
import type { Kernel, KernelRunner } from "../core/kernel.js";
import { CELLS } from "../core/table.js";
import { guessesEmd, PAIR_CHANNELS, pairPixels } from "../metrics/emd-cnn.js";
import { freeze } from "../models/frozennetwork.js";
import type { ImportedModel } from "../models/imported.js";
import { inputSlopesKernel, WANT_BACK } from "../models/inputslopeskernel.js";
import type { LossAndGradient } from "../models/training.js";
import { compileInputSlopes } from "../models/trainingprogram.js";
import { decodedCells, LONGEST, putSlopes } from "./emdloss.js";

const PAIR = PAIR_CHANNELS * (CELLS / 3);
/** Where the cells of the first and of the second module are in a pair of pictures. */
const SIDES = [pairPixels(0), pairPixels(1)] as const;

/** Rows that have a guess, and their pictures in both orders, [2 * rows, PAIR]. */
interface Pairs {
  readonly rows: readonly number[];
  readonly input: Float32Array;
}

const sumOf = (cells: Float64Array): number => cells.reduce((sum, charge) => sum + charge, 0);

export class EmdCnnLoss {
  readonly #kernel: Kernel;
  readonly #parameters: Float32Array;
  readonly #program: Int32Array;
  /** What a training's record says of the network. */
  readonly record: { readonly id: string; readonly architecture: string; readonly sha256: string };

  /** Refuses (InputError) a network that is none from two 4x4x3 pictures to one number. */
  constructor({ id, architecture, sha256, source, parts: { network } }: ImportedModel) {
    if (network === undefined || !guessesEmd({ parts: { network } }))
      throw new InputError(`model ${id}: expected a network from 4x4x6 to one number, got another shape`, {
        tag: "model",
        remedy: "the weights of an EMD-CNN, econ/emd_cnn/pair_mse.json for instance",
      });
    const { plan, parameters } = freeze(network);
    this.#kernel = inputSlopesKernel({
      id: `${id}: input slopes`,
      title: id,
      source,
      network: plan.network,
      itemName: "pair",
      drawRow: () => new Float64Array(PAIR),
      rows: 1,
    });
    this.#parameters = constant(parameters);
    this.#program = compileInputSlopes(plan).code;
    this.record = { id, architecture, sha256 };
  }

  /** Mean guess between targets [rows, 48] and decoded pictures [rows, width], and its gradient, as exactEmdLoss. */
  async lossAndGradient(
    kernels: KernelRunner,
    targets: Float64Array,
    output: Float32Array,
    pixels: readonly number[],
    weights?: Float32Array,
  ): Promise<LossAndGradient> {
    const rows = targets.length / CELLS;
    const width = output.length / rows;
    const restored = decodedCells(output, rows, pixels);
    const { guesses, slopes } = await this.#guess(kernels, targets, restored, WANT_BACK.slopes);
    const gradient = new Float32Array(output.length);
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const share = (weights?.[row] ?? 1) / rows;
      loss += share * guesses[row];
      const own = slopes.get(row);
      if (own === undefined) continue;
      const charges = restored.subarray(row * CELLS, (row + 1) * CELLS);
      putSlopes(own, charges, share, pixels, gradient.subarray(row * width, (row + 1) * width));
    }
    return { loss, gradient };
  }

  /** The loss alone. */
  async loss(
    kernels: KernelRunner,
    targets: Float64Array,
    output: Float32Array,
    pixels: readonly number[],
  ): Promise<number> {
    const restored = decodedCells(output, targets.length / CELLS, pixels);
    const { guesses } = await this.#guess(kernels, targets, restored, 0);
    return guesses.reduce((sum, guess) => sum + guess, 0) / guesses.length;
  }

  /** Guesses [rows], and slopes [48] in the decoded shares of the rows that have one. */
  async #guess(kernels: KernelRunner, targets: Float64Array, restored: Float64Array, want: number) {
    const guesses = new Float64Array(targets.length / CELLS);
    const { rows, input } = pairsOf(targets, restored, guesses);
    const slopes = new Map<number, Float64Array>();
    if (rows.length === 0) return { guesses, slopes };
    const half = new Float32Array(2 * rows.length).fill(0.5);
    const found = await kernels.call(
      this.#kernel,
      { input, slopes: half, parameters: this.#parameters, program: this.#program },
      { rows: 2 * rows.length, want: want | WANT_BACK.output },
    );
    rows.forEach((row, i) => {
      guesses[row] = (found.output[2 * i] + found.output[2 * i + 1]) / 2;
      if (want === 0) return;
      const [there, back] = [2 * i, 2 * i + 1].map((pair) =>
        found.inputSlopes.subarray(pair * PAIR, (pair + 1) * PAIR),
      );
      const own = SIDES[1].map((place, cell) => there[place] + back[SIDES[0][cell]]);
      slopes.set(row, Float64Array.from(own));
    });
    return { guesses, slopes };
  }
}

/** Pictures of all rows that have charge on both sides; `guesses` gets the longest distance where only the decoded side is empty. */
function pairsOf(targets: Float64Array, restored: Float64Array, guesses: Float64Array): Pairs {
  const rows: number[] = [];
  const input = new Float32Array(2 * guesses.length * PAIR);
  for (let row = 0; row < guesses.length; row++) {
    const sides = [targets, restored].map((cells) => cells.subarray(row * CELLS, (row + 1) * CELLS));
    const [target, decoded] = sides.map(sumOf);
    if (target === 0) continue;
    if (decoded === 0) {
      guesses[row] = LONGEST;
      continue;
    }
    for (let cell = 0; cell < CELLS; cell++) {
      const [a, q] = [sides[0][cell] / target, sides[1][cell] / decoded];
      const at = 2 * rows.length * PAIR;
      input[at + SIDES[0][cell]] = input[at + PAIR + SIDES[1][cell]] = a;
      input[at + SIDES[1][cell]] = input[at + PAIR + SIDES[0][cell]] = q;
    }
    rows.push(row);
  }
  return { rows, input: input.subarray(0, 2 * rows.length * PAIR) };
}
