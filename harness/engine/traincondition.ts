/**
 * A decoder that is told layer, pseudorapidity and type of its module, trained on from one that is not: the same encoder, the same
 * bits.
 *
 * It starts as the decoder that it widens, with nothing but zeros for what it is told, and stays one that works without: an eighth of the
 * rows is shown without labels.
 */
import { latentBits } from "../chip/autoencoderpayload.js";
import { LATENTS } from "../chip/autoencoderweights.js";
import { InputError } from "../core/errors.js";
import type { ModuleTable, Slab } from "../core/table.js";
import { fitsChip } from "../codecs/aechip.js";
import type { ImportedPart } from "../models/imported.js";
import { CONDITION_LABELS, CONDITIONS, writeConditions } from "../models/conditions.js";
import { plan, type Network } from "../models/network.js";
import type { Batch, BatchSource } from "../models/trainset.js";
import { train, type TrainHost } from "./train.js";
import { chipWeights, LatentSet, type ChipFit } from "./trainchip.js";
import type { TrainedModel } from "./trainfiles.js";
import type { PreparedTraining } from "./trainrun.js";

/** Of so many rows one is shown without labels. */
const UNTOLD = 8;

/** The decoder with inputs for conditions behind its latents, which as yet change nothing. */
export function widened({ plan: planned, parameters }: ImportedPart): ImportedPart {
  const wide = plan({ ...planned.network, input: [planned.inputSize + CONDITIONS] });
  const [{ offset, size, shape }] = planned.layers[0].tensors;
  const values = new Float64Array(wide.parameters);
  const added = CONDITIONS * shape[1];
  values.set(parameters.subarray(0, offset + size));
  values.set(parameters.subarray(offset + size), offset + size + added);
  return { plan: wide, parameters: values };
}

/** Latents with the conditions of their modules. */
export class ConditionedSet implements BatchSource {
  constructor(
    readonly latents: LatentSet,
    /** Of the table that the latents are of. */
    readonly labels: Slab["labels"],
    readonly untold: boolean,
  ) {}

  get rows(): number {
    return this.latents.rows;
  }

  batch(rows: Int32Array): Batch {
    const batch = this.latents.batch(rows);
    const width = LATENTS + CONDITIONS;
    const input = new Float32Array(rows.length * width);
    rows.forEach((row, i) => {
      input.set(batch.input.subarray(i * LATENTS, (i + 1) * LATENTS), i * width);
      if (this.untold && row % UNTOLD === 0) return;
      writeConditions(this.labels, this.latents.set.members[row], input, i * width + LATENTS);
    });
    return { ...batch, input };
  }
}

export interface ConditionRequest {
  readonly epochs: number;
  readonly links: number;
  readonly labels: Slab["labels"];
}

/** Refuses (InputError) an encoder that is not the chip's, and a table that lacks a column that a conditional decoder is told. */
export function refuseUntellable(encoder: Network, { id, labels }: Pick<ModuleTable, "id" | "labels">): void {
  if (!fitsChip(encoder))
    throw new InputError(`--condition: expected the chip's encoder, got ${encoder.id}`, {
      tag: "model",
      remedy: "--model autoencoder-8x8-stride",
    });
  const missing = CONDITION_LABELS.find((label) => !labels.has(label));
  if (missing === undefined) return;
  throw new InputError(`${id}: expected column ${missing} for --condition, got none`, {
    tag: "columns",
    remedy: "a table with layer, eta, HD_LD and ModType, or leave out --condition",
  });
}

/** Parts that are fitted to the chip (trainchip.ts), with a conditional decoder. */
export async function conditionDecoder(
  { encoder, decoder }: TrainedModel,
  { job, training, validation }: PreparedTraining,
  { epochs, links, labels }: ConditionRequest,
  host: TrainHost,
): Promise<ChipFit> {
  const weights = chipWeights(encoder);
  const [taught, judged] = [training, validation].map(
    (set) => new LatentSet(set, weights, latentBits(links)),
  );
  const wide = widened(decoder);
  const tuned = await train(
    {
      settings: { ...job.settings, epochs },
      planned: wide.plan,
      pixels: job.pixels,
      ...(job.emdCnn === undefined ? {} : { emdCnn: job.emdCnn }),
      start: Float32Array.from(wide.parameters),
      training: new ConditionedSet(taught, labels, true),
      validation: new ConditionedSet(judged, labels, false),
      fingerprint: job.fingerprint,
      resume: false,
    },
    host,
  );
  const { validationEmd } = tuned.curve[tuned.bestEpoch];
  return {
    parts: { encoder, decoder: { plan: wide.plan, parameters: Float64Array.from(tuned.parameters) } },
    validationEmd,
    record: {
      condition: {
        epochs,
        bestEpoch: tuned.bestEpoch,
        emdBefore: tuned.curve[0].validationEmd,
        validationEmd,
        labels: [...CONDITION_LABELS],
      },
    },
  };
}
