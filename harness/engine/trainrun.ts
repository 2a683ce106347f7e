/**
 * From a request (model, table, variant, links, loss) to a training job, and from trained parameters to a model.
 *
 * The record that comes with a job names everything that the weights depend on; its hash is what a checkpoint must agree with.
 */
import { latentBits } from "../chip/autoencoderpayload.js";
import { InputError } from "../core/errors.js";
import type { ModuleTable } from "../core/table.js";
import { sha256 } from "../io/hash.js";
import type { ImportedPart } from "../models/imported.js";
import { plan } from "../models/network.js";
import { pixelsOf, type InputRounding, type PixelOrder } from "../models/picture.js";
import {
  joinedNetwork,
  roundEncoder,
  splitParts,
  startingValues,
  trainableModel,
  type TrainableModel,
} from "../models/trainnetwork.js";
import { applyRule, RULE_SAYS, type TargetRule } from "../models/trainrules.js";
import { occupancyWeights, splitRows, TrainSet } from "../models/trainset.js";
import type { EmdCnnLoss } from "./emdcnnloss.js";
import type { LoopSettings, TrainJob } from "./train.js";
import { TRAINING_ENGINE, type CheckpointStore } from "./traincheckpoint.js";

export interface TrainRequest {
  /** Architecture id. */
  readonly model: string;
  readonly table: ModuleTable;
  /** How its file was read, where that was not as usual. */
  readonly reading?: Readonly<Record<string, unknown>>;
  readonly rule: TargetRule;
  /** Weigh rows by occupancy. */
  readonly reweight: boolean;
  /** Links whose latent bits are trained for, with the encoder's weights on 6 bits; undefined: nothing is quantised. */
  readonly links: number | undefined;
  readonly order: PixelOrder | undefined;
  readonly loop: LoopSettings;
  /** The network of the loss emd-cnn. */
  readonly emdCnn?: EmdCnnLoss;
  /** Most training rows to use; undefined: all. */
  readonly rows: number | undefined;
  readonly store?: CheckpointStore;
  readonly resume: boolean;
}

/** Everything that the weights depend on, as it is written beside them. */
export interface TrainRecord {
  /** TRAINING_ENGINE. */
  readonly engine: number;
  readonly model: string;
  readonly data: {
    readonly id: string;
    readonly name: string;
    readonly sha256: string;
    readonly rows: number;
    readonly reading?: Readonly<Record<string, unknown>>;
  };
  readonly variant: TargetRule;
  readonly variantSays: string;
  readonly dropped: Readonly<Record<string, number>>;
  readonly reweight: boolean;
  readonly links: number | null;
  readonly latentBits: number | null;
  readonly weightBits: 6 | 32;
  readonly order: PixelOrder;
  readonly input: InputRounding;
  readonly trainingRows: number;
  readonly validationRows: number;
  readonly loop: LoopSettings;
  readonly emdCnn?: EmdCnnLoss["record"];
}

export interface PreparedTraining {
  readonly model: TrainableModel;
  readonly job: TrainJob;
  readonly record: TrainRecord;
  readonly training: TrainSet;
  readonly validation: TrainSet;
}

const VALIDATION_SHARE = 0.2;

function orderOf({ id, orders }: TrainableModel, wanted: PixelOrder | undefined): PixelOrder {
  if (wanted === undefined || orders.includes(wanted)) return wanted ?? orders[0];
  throw new InputError(`model ${id}: pixel order: expected ${orders.join(" or ")}, got ${wanted}`, {
    tag: "model",
  });
}

/** The job; refuses (InputError) a table of which nothing is left to train or to validate on. */
export function prepareTraining(request: TrainRequest): PreparedTraining {
  const { table, rule, loop, links, emdCnn, reading = {} } = request;
  const model = trainableModel(request.model);
  const order = orderOf(model, request.order);
  const input: InputRounding = order === "8x8" ? "floor-7" : "round-8";
  const targets = applyRule(table, rule);
  const split = splitRows(table, targets.rows, loop.seed, VALIDATION_SHARE);
  const members = split.training.subarray(0, request.rows);
  const planned = plan(joinedNetwork(model, links));
  const format = { order, rounding: input, pixels: plan(model.encoder).inputSize };
  if (split.validation.length === 0 || members.length === 0)
    throw new InputError(
      `${table.id}: too few modules to train and to validate on, got ${targets.rows.length}`,
      {
        tag: "empty",
        remedy: "more distinct modules, of more than one event where the table names events",
      },
    );
  const weights = request.reweight ? occupancyWeights(table, members) : undefined;
  const training = new TrainSet(table, targets, members, format, weights);
  const validation = new TrainSet(table, targets, split.validation, format);
  const record: TrainRecord = {
    engine: TRAINING_ENGINE,
    model: model.id,
    data: {
      id: table.id,
      name: table.provenance.name,
      sha256: table.provenance.sha256,
      rows: table.rows,
      ...(Object.keys(reading).length === 0 ? {} : { reading }),
    },
    variant: rule,
    variantSays: RULE_SAYS[rule],
    dropped: targets.dropped,
    reweight: request.reweight,
    links: links ?? null,
    latentBits: links === undefined ? null : latentBits(links),
    weightBits: links === undefined ? 32 : 6,
    order,
    input,
    trainingRows: training.rows,
    validationRows: validation.rows,
    loop,
    ...(emdCnn === undefined ? {} : { emdCnn: emdCnn.record }),
  };
  const encoderSize = plan(model.encoder).parameters;
  const job: TrainJob = {
    settings: loop,
    planned,
    pixels: pixelsOf(order),
    ...(emdCnn === undefined ? {} : { emdCnn }),
    start: startingValues(planned, loop.seed),
    ...(links === undefined ? {} : { quantise: (values) => roundEncoder(values, encoderSize) }),
    training,
    validation,
    fingerprint: sha256(new TextEncoder().encode(JSON.stringify([record, planned.network.layers]))),
    ...(request.store === undefined ? {} : { store: request.store }),
    resume: request.resume,
  };
  return { model, job, record, training, validation };
}

/** Encoder and decoder of trained parameters, the encoder's weights on the grid that they were trained on. */
export function trainedParts(
  { model, job }: Pick<PreparedTraining, "model" | "job">,
  parameters: Float32Array,
): { encoder: ImportedPart; decoder: ImportedPart } {
  return splitParts(model, job.quantise?.(parameters) ?? parameters);
}
