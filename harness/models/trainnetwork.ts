/**
 * Autoencoders as they are trained: encoder, latents on the link's grid, decoder, in one network; and its parts back again.
 *
 * Quantisation-aware: the encoder's weights are rounded to the chip's grid (6 bits, steps of 1/32 in [-1, 31/32], nearest) and
 * the latents floored to b bits in [0, 2), as the chip does it, while gradients pass as if they were not (straight-through).
 * The chip's own flooring of every product is not imitated here; a decoder can be tuned to it afterwards.
 */
import { latentBits } from "../chip/autoencoderpayload.js";
import { architectureOf } from "./architectures.js";
import { initialise } from "./initialise.js";
import type { ImportedPart } from "./imported.js";
import { plan, type Network, type Plan, type Quantise } from "./network.js";
import { ordersOf, type PixelOrder } from "./picture.js";
import { InputError } from "../core/errors.js";
import { roundWeights } from "./weightrounding.js";

export interface TrainableModel {
  /** Id of the architecture. */
  readonly id: string;
  readonly encoder: Network;
  readonly decoder: Network;
  readonly orders: readonly PixelOrder[];
}

/** A model whose encoder takes module pictures; refuses (UsageError, InputError) other ids. */
export function trainableModel(id: string): TrainableModel {
  const { encoder, decoder } = architectureOf(id).parts;
  const orders = encoder === undefined ? [] : ordersOf(encoder.input);
  if (encoder === undefined || decoder === undefined || orders.length === 0)
    throw new InputError(`model ${id}: expected an autoencoder of module pictures, got another network`, {
      tag: "model",
      remedy: "autoencoder-8x8-stride, -wide, -pool or -plain, or autoencoder-4x4x3",
    });
  return { id, encoder, decoder, orders };
}

/** Latents as they are sent: floored to the bits of `links` in [0, 2). */
export function sentLatents(links: number): Quantise {
  return { kind: "quantise", bits: latentBits(links), low: 0, high: 2, rounding: "floor" };
}

/** Encoder and decoder in one network, with the latents of `links` links between them; undefined: as the encoder gives them. */
export function joinedNetwork({ id, encoder, decoder }: TrainableModel, links: number | undefined): Network {
  const between = links === undefined ? [] : [sentLatents(links)];
  const layers = [...encoder.layers, ...between, ...decoder.layers];
  return { id, input: encoder.input, layers, leak: encoder.leak };
}

/** Starting values of a planned network, float32. */
export function startingValues(planned: Plan, seed: number): Float32Array {
  return Float32Array.from(initialise(planned, seed));
}

/** Rounds the first `count` parameters (the encoder's) to the chip's grid; a copy. */
export function roundEncoder(parameters: Float32Array, count: number): Float32Array {
  const rounded = parameters.slice();
  rounded.set(roundWeights(Float64Array.from(parameters.subarray(0, count)), "round-32"));
  return rounded;
}

/** Encoder and decoder of trained parameters: the encoder's come first. */
export function splitParts(
  model: TrainableModel,
  parameters: Float32Array,
): { encoder: ImportedPart; decoder: ImportedPart } {
  const [first, second] = [plan(model.encoder), plan(model.decoder)];
  const values = Float64Array.from(parameters);
  return {
    encoder: { plan: first, parameters: values.slice(0, first.parameters) },
    decoder: { plan: second, parameters: values.slice(first.parameters) },
  };
}
