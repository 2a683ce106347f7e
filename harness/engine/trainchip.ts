/**
 * Fitting a trained autoencoder to the chip's integer encoder: biases corrected, then the decoder trained on the chip's own latents.
 *
 * The chip floors every product, so its sums lie below those that the training saw: on average half a unit for each product
 * that is not zero. What that takes from each hidden value and each latent on average is given back in the biases (Nagel et al.
 * 2019, arXiv:1906.04721, section 4.2: bias correction), as far as they reach; the rest is left to the decoder, which is off the
 * detector and may have any weights. The latents of all rows are computed once.
 */
import { InputError } from "../core/errors.js";
import { CELLS } from "../core/table.js";
import { condense, convolve, normaliseCharges, slotOfPixel } from "../chip/autoencoder.js";
import { latentBits } from "../chip/autoencoderpayload.js";
import {
  CONV_BIAS_AT,
  DENSE_AT,
  DENSE_BIAS_AT,
  FILTERS,
  floatWeights,
  HIDDEN,
  LATENTS,
  quantiseEncoder,
  WEIGHT_HIGH,
  WEIGHT_LOW,
  WEIGHTS,
} from "../chip/autoencoderweights.js";
import { chipSlots, fitsChip } from "../codecs/aechip.js";
import type { ImportedPart } from "../models/imported.js";
import type { Batch, BatchSource, TrainSet } from "../models/trainset.js";
import { train, type TrainHost } from "./train.js";
import type { TrainedModel } from "./trainfiles.js";
import type { PreparedTraining } from "./trainrun.js";

/** Rows from which the mean losses are taken: the error of a mean is then far below a step of a bias. */
const CORRECTION_ROWS = 4000;

/** Register weights [2144] of a float encoder, rounded to nearest; refuses (InputError) what the chip does not compute. */
export function chipWeights({ plan, parameters }: ImportedPart): Int8Array {
  if (!fitsChip(plan.network))
    throw new InputError(`encoder: expected the chip's 8x8 network with stride 2, got ${plan.network.id}`, {
      tag: "model",
    });
  const [conv, , dense] = plan.layers;
  const [convKernel, convBias, denseKernel, denseBias] = [...conv.tensors, ...dense.tensors].map(
    ({ offset, size }) => parameters.subarray(offset, offset + size),
  );
  return quantiseEncoder({ convKernel, convBias, denseKernel, denseBias }, "nearest");
}

/** The encoder with the values of register weights, so that every user of it sees what the chip has. */
export function chipEncoderPart({ plan, parameters }: ImportedPart, weights: Int8Array): ImportedPart {
  const values = floatWeights(weights);
  const [conv, , dense] = plan.layers;
  const out = parameters.slice();
  out.set(values.subarray(0, DENSE_AT), conv.tensors[0].offset);
  const [kernel, bias] = dense.tensors;
  for (let i = 0; i < HIDDEN; i++)
    for (let latent = 0; latent < LATENTS; latent++)
      out[kernel.offset + i * LATENTS + latent] = values[DENSE_AT + latent * HIDDEN + i];
  out.set(values.subarray(DENSE_BIAS_AT, WEIGHTS), bias.offset);
  return { plan, parameters: out };
}

/** Charges of a row of the table in the chip's channel order, [48]. */
function channels(set: TrainSet, row: number, slots: readonly number[], to: Float64Array): Float64Array {
  const { calq } = set.table;
  for (let cell = 0; cell < CELLS; cell++) to[slots[cell]] = calq[row * CELLS + cell];
  return to;
}

const clipped = (weight: number): number => Math.min(WEIGHT_HIGH, Math.max(WEIGHT_LOW, Math.round(weight)));

/** A copy of the weights whose biases make up for the mean loss by flooring over the first rows of `set`. */
export function correctBiases(weights: Int8Array, set: TrainSet): Int8Array {
  const corrected = weights.slice();
  const slots = chipSlots();
  const calq = new Float64Array(CELLS);
  const count = Math.min(CORRECTION_ROWS, set.rows);
  const convLost = new Float64Array(FILTERS);
  for (let i = 0; i < count; i++) {
    const charges = normaliseCharges(channels(set, set.members[i], slots, calq));
    addConvolutionLoss(charges, weights, convLost);
  }
  // A bias of 1 counts 4 of the units that are lost (1/128).
  const places = HIDDEN / FILTERS;
  for (let f = 0; f < FILTERS; f++)
    corrected[CONV_BIAS_AT + f] = clipped(weights[CONV_BIAS_AT + f] + convLost[f] / (count * places * 4));
  const denseLost = new Float64Array(LATENTS);
  for (let i = 0; i < count; i++) {
    const charges = normaliseCharges(channels(set, set.members[i], slots, calq));
    addDenseLoss(convolve(charges, corrected), corrected, denseLost);
  }
  // Here a bias of 1 counts 8 units (1/256).
  for (let latent = 0; latent < LATENTS; latent++)
    corrected[DENSE_BIAS_AT + latent] = clipped(
      corrected[DENSE_BIAS_AT + latent] + denseLost[latent] / (count * 8),
    );
  return corrected;
}

const CONV_UNIT = 32;
const DENSE_UNIT = 16;

/** Adds what flooring takes from the sums of each filter, over its 16 places, in units of 1/128. */
function addConvolutionLoss(charges: Uint8Array, weights: Int8Array, lost: Float64Array): void {
  for (let place = 0; place < HIDDEN; place++) {
    const filter = place % FILTERS;
    const column = 2 * (Math.floor(place / FILTERS) % 4);
    const row = 2 * Math.floor(place / (FILTERS * 4));
    for (let tap = 0; tap < 9; tap++) {
      const slot = slotOfPixel(row + Math.floor(tap / 3), column + (tap % 3));
      if (slot === undefined) continue;
      const product = charges[slot] * weights[tap * FILTERS + filter];
      lost[filter] += product / CONV_UNIT - Math.floor(product / CONV_UNIT);
    }
  }
}

function addDenseLoss(hidden: Int32Array, weights: Int8Array, lost: Float64Array): void {
  for (let latent = 0; latent < LATENTS; latent++)
    for (let i = 0; i < HIDDEN; i++) {
      const product = hidden[i] * weights[DENSE_AT + latent * HIDDEN + i];
      lost[latent] += product / DENSE_UNIT - Math.floor(product / DENSE_UNIT);
    }
}

/** Latents of the chip on the link's grid as the decoder's input; targets are those of the modules. */
export class LatentSet implements BatchSource {
  readonly #latents: Float32Array;

  constructor(
    readonly set: TrainSet,
    weights: Int8Array,
    /** Bits of a latent on the links. */
    bits: number,
  ) {
    const slots = chipSlots();
    const calq = new Float64Array(CELLS);
    const lost = 2 ** (9 - bits);
    this.#latents = new Float32Array(set.rows * LATENTS);
    for (let i = 0; i < set.rows; i++) {
      const charges = normaliseCharges(channels(set, set.members[i], slots, calq));
      const latents = condense(convolve(charges, weights), weights);
      for (let k = 0; k < LATENTS; k++)
        this.#latents[i * LATENTS + k] = (Math.floor(latents[k] / lost) * lost) / 256;
    }
  }

  get rows(): number {
    return this.set.rows;
  }

  batch(rows: Int32Array): Batch {
    const input = new Float32Array(rows.length * LATENTS);
    rows.forEach((row, i) => {
      input.set(this.#latents.subarray(row * LATENTS, (row + 1) * LATENTS), i * LATENTS);
    });
    return { ...this.set.batch(rows), input };
  }
}

export interface ChipFit {
  readonly parts: TrainedModel;
  /** Mean EMD of the validation rows; null where none has one. */
  readonly validationEmd: number | null;
  readonly record: Readonly<Record<string, unknown>>;
}

/**
 * Encoder as register weights with corrected biases, decoder trained on for `epochs` with the chip's latents on `links` links.
 * An encoder that is not the chip's is answered with as it is.
 */
export async function fitToChip(
  parts: TrainedModel,
  { job, record, training, validation }: PreparedTraining,
  epochs: number,
  links: number,
  host: TrainHost,
): Promise<ChipFit> {
  if (!fitsChip(parts.encoder.plan.network)) return { parts, validationEmd: null, record: {} };
  const weights = correctBiases(chipWeights(parts.encoder), training);
  const bits = latentBits(links);
  const settings = { ...job.settings, epochs };
  const tuned = await train(
    {
      settings,
      planned: parts.decoder.plan,
      pixels: job.pixels,
      ...(job.emdCnn === undefined ? {} : { emdCnn: job.emdCnn }),
      start: Float32Array.from(parts.decoder.parameters),
      training: new LatentSet(training, weights, bits),
      validation: new LatentSet(validation, weights, bits),
      fingerprint: job.fingerprint,
      resume: false,
    },
    host,
  );
  const decoder = { plan: parts.decoder.plan, parameters: Float64Array.from(tuned.parameters) };
  const best = tuned.curve[tuned.bestEpoch];
  return {
    parts: { encoder: chipEncoderPart(parts.encoder, weights), decoder },
    validationEmd: best.validationEmd,
    record: {
      chip: {
        epochs,
        bestEpoch: tuned.bestEpoch,
        emdBefore: tuned.curve[0].validationEmd,
        validationEmd: best.validationEmd,
        links: record.links,
      },
    },
  };
}
