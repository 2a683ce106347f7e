/**
 * One model in four arithmetics, judged by the mean exact EMD on the same rows: what quantisation costs, and what training for it and
 * fitting the decoder to the chip's integers give back.
 *
 * float: trained without quantisation, latents as they are (more bits than any link has). post-training: the same parameters, the
 * encoder's weights rounded to 6 bits and the latents to the links' bits afterwards. quantisation-aware: trained with both in place.
 * chip: encoder in the chip's own integers, decoder fitted to them.
 */
import { latentBits } from "../chip/autoencoderpayload.js";
import type { ImportedPart } from "../models/imported.js";
import { plan, type Plan } from "../models/network.js";
import { initialState } from "../models/training.js";
import { joinedNetwork, roundEncoder } from "../models/trainnetwork.js";
import type { BatchSource } from "../models/trainset.js";
import { fitsChip } from "../codecs/aechip.js";
import { batchesOf, DistanceMean } from "./decodeddistance.js";
import type { TrainHost } from "./train.js";
import { chipWeights, LatentSet } from "./trainchip.js";
import type { TrainedModel } from "./trainfiles.js";
import type { PreparedTraining } from "./trainrun.js";
import { openTrainer } from "./trainer.js";

/** Mean EMD in pitches; null where no row has a distance, and for the chip where it does not compute the encoder. */
export interface VersionDistances {
  readonly float: number | null;
  readonly postTraining: number | null;
  readonly quantisationAware: number | null;
  readonly chip: number | null;
}

export interface Versions {
  readonly links: number;
  /** Encoder and decoder, trained without quantisation: [parameters]. */
  readonly float: Float32Array;
  /** The same, trained with quantisation, not rounded. */
  readonly quantised: Float32Array;
  /** What is exported: encoder on the chip's grid, decoder fitted to it. */
  readonly fitted: TrainedModel;
}

/** Not used by inference, which is all that is asked of the trainers here. */
const OPTIMISER = { learningRate: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0 };

async function meanDistance(
  planned: Plan,
  parameters: Float32Array,
  source: BatchSource,
  pixels: readonly number[],
  { kernels, signal }: TrainHost,
): Promise<number | null> {
  const options = { planned, loss: undefined, optimiser: OPTIMISER, kernels };
  const trainer = await openTrainer(options, initialState(planned, parameters));
  const distances = new DistanceMean(kernels, pixels);
  for (const batch of batchesOf(source)) {
    signal?.throwIfAborted();
    await distances.add(batch, await trainer.infer(batch.input, batch.rows));
  }
  return distances.mean;
}

async function chipDistance(
  { encoder, decoder }: { readonly encoder: ImportedPart; readonly decoder: ImportedPart },
  { validation, job }: PreparedTraining,
  links: number,
  host: TrainHost,
): Promise<number | null> {
  if (!fitsChip(encoder.plan.network)) return null;
  const latents = new LatentSet(validation, chipWeights(encoder), latentBits(links));
  return meanDistance(decoder.plan, Float32Array.from(decoder.parameters), latents, job.pixels, host);
}

/** The distances of all four on the validation rows of `prepared`, the training for `links`. */
export async function compareVersions(
  { links, float, quantised, fitted }: Versions,
  prepared: PreparedTraining,
  host: TrainHost,
): Promise<VersionDistances> {
  const { model, job, validation } = prepared;
  const encoderSize = plan(model.encoder).parameters;
  const on = (planned: Plan, parameters: Float32Array): Promise<number | null> =>
    meanDistance(planned, parameters, validation, job.pixels, host);
  return {
    float: await on(plan(joinedNetwork(model, undefined)), float),
    postTraining: await on(job.planned, roundEncoder(float, encoderSize)),
    quantisationAware: await on(job.planned, roundEncoder(quantised, encoderSize)),
    chip: await chipDistance(fitted, prepared, links, host),
  };
}

/** As a table for people: one line for each version. */
export function versionsText({ float, postTraining, quantisationAware, chip }: VersionDistances): string {
  const lines: readonly (readonly [string, number | null])[] = [
    ["float, latents not quantised", float],
    ["quantised after training", postTraining],
    ["trained for quantisation", quantisationAware],
    ["chip, bit for bit", chip],
  ];
  return lines.map(([name, emd]) => `${name.padEnd(30)}${emd?.toFixed(4) ?? "n/a"}\n`).join("");
}
