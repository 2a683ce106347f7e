/**
 * The training loop: epochs of seeded batches, validation, learning-rate schedule, early stopping, checkpoints.
 *
 * Everything an epoch does follows from the state before it, the settings and the epoch's number, so a training that is resumed
 * ends with the same bits as one that was never stopped, on any number of threads. It reads no clock and writes no file itself.
 */
import { DisagreementError, InputError } from "../core/errors.js";
import { cos } from "../core/elementary.js";
import type { KernelRunner } from "../core/kernel.js";
import type { Plan } from "../models/network.js";
import { pictureLoss, type PictureLoss } from "../models/losses.js";
import { initialState, type LossAndGradient, type Optimiser, type Trainer } from "../models/training.js";
import { telescopePixels } from "../models/telescopetable.js";
import { epochOrder, type Batch, type BatchSource } from "../models/trainset.js";
import { batchesOf, DistanceMean } from "./decodeddistance.js";
import type { EmdCnnLoss } from "./emdcnnloss.js";
import { exactEmdLoss } from "./emdloss.js";
import type { Progress } from "./progress.js";
import type { Checkpoint, CheckpointStore, EpochRecord } from "./traincheckpoint.js";
import { openTrainer } from "./trainer.js";

/** emd: the exact distance; emd-cnn: what a network from outside guesses of it. */
export const LOSSES = ["mse", "weighted-mse", "telescope", "emd", "emd-cnn"] as const;
export type Loss = (typeof LOSSES)[number];

export const SCHEDULES = ["constant", "cosine"] as const;
export type Schedule = (typeof SCHEDULES)[number];

/** What decides the course of a training; part of its record. */
export interface LoopSettings {
  readonly loss: Loss;
  readonly epochs: number;
  readonly batch: number;
  readonly optimiser: Optimiser;
  readonly schedule: Schedule;
  /** Epochs without a better validation loss after which it ends. */
  readonly patience: number;
  readonly seed: number;
}

export interface TrainJob {
  readonly settings: LoopSettings;
  readonly planned: Plan;
  /** Position of each cell in a decoded picture, [48]. */
  readonly pixels: readonly number[];
  /** The network of the loss emd-cnn. */
  readonly emdCnn?: EmdCnnLoss;
  readonly start: Float32Array;
  /** What the encoder's weights are while outputs and gradients are taken; see TrainerOptions. */
  readonly quantise?: (parameters: Float32Array) => Float32Array;
  readonly training: BatchSource;
  readonly validation: BatchSource;
  /** SHA-256 of what a checkpoint must agree with. */
  readonly fingerprint: string;
  readonly store?: CheckpointStore;
  readonly resume: boolean;
}

export interface TrainHost {
  readonly kernels: KernelRunner;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** Told after every epoch. */
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Seconds since some start, for the rate that progress shows; no result depends on it. */
  readonly clock?: () => number;
}

export interface Trained {
  /** Of the best epoch, as trained (not rounded). */
  readonly parameters: Float32Array;
  readonly bestEpoch: number;
  readonly curve: readonly EpochRecord[];
  readonly endedBy: "epochs" | "patience";
}

const LAST_RATE = 0.01;

/** Learning rate of an epoch (from 1): constant, or half a cosine from the first rate to a hundredth of it. */
export function rateOf({ schedule, optimiser, epochs }: LoopSettings, epoch: number): number {
  if (schedule === "constant" || epochs < 2) return optimiser.learningRate;
  const done = (epoch - 1) / (epochs - 1);
  const fall = (1 + cos(3.141592653589793 * done)) / 2;
  return optimiser.learningRate * (LAST_RATE + (1 - LAST_RATE) * fall);
}

/** Losses that are worked out between the way forward and the way back. */
const isDistance = (loss: Loss): loss is "emd" | "emd-cnn" => loss === "emd" || loss === "emd-cnn";

/** The loss where the kernels work it out: no distance, and the telescope only in their order of pixels. */
function lossOfKernels({ settings: { loss }, planned, pixels }: TrainJob): PictureLoss | undefined {
  if (isDistance(loss)) return undefined;
  const own = telescopePixels(planned);
  const isSeen = loss !== "telescope" || own?.every((pixel, cell) => pixel === pixels[cell]) === true;
  return isSeen ? loss : undefined;
}

class Training {
  readonly #settings: LoopSettings;
  #curve: EpochRecord[] = [];
  #best: Float32Array;
  #bestEpoch = 0;
  readonly #isOfKernels: boolean;
  readonly #ofPictures: ReturnType<typeof pictureLoss> | undefined;

  constructor(
    private readonly job: TrainJob,
    private readonly host: TrainHost,
    private readonly trainer: Trainer,
    from: Checkpoint | undefined,
  ) {
    this.#settings = job.settings;
    const { loss } = job.settings;
    if ((loss === "emd-cnn") !== (job.emdCnn !== undefined))
      throw new TypeError(`loss ${loss}: expected its network with it, and no network with another loss`);
    this.#isOfKernels = lossOfKernels(job) !== undefined;
    this.#ofPictures = isDistance(loss) ? undefined : pictureLoss(loss, job.pixels);
    this.#best = from?.best ?? trainer.state.parameters.slice();
    if (from === undefined) return;
    this.#curve = [...from.curve];
    this.#bestEpoch = from.bestEpoch;
  }

  async run(): Promise<Trained> {
    const { epochs, patience } = this.#settings;
    if (this.#curve.length === 0) await this.#finish(0, null);
    const rows = this.job.training.rows;
    const task = this.host.progress.begin(`train ${this.job.planned.network.id}`, epochs * rows);
    try {
      task.advance((this.#curve.length - 1) * rows);
      for (let epoch = this.#curve.length; epoch <= epochs; epoch++) {
        if (epoch - 1 - this.#bestEpoch >= patience) return this.#result("patience");
        const loss = await this.#epoch(epoch, (done, note) => {
          task.advance(done, note);
        });
        await this.#finish(epoch, loss);
      }
      return this.#result("epochs");
    } finally {
      task.end();
    }
  }

  #result(endedBy: Trained["endedBy"]): Trained {
    return { parameters: this.#best, bestEpoch: this.#bestEpoch, curve: this.#curve, endedBy };
  }

  async #epoch(epoch: number, told: (rows: number, note: string) => void): Promise<number> {
    const { batch, seed } = this.#settings;
    const { training } = this.job;
    this.trainer.setLearningRate(rateOf(this.#settings, epoch));
    const order = epochOrder(training.rows, seed, epoch);
    const began = this.host.clock?.() ?? 0;
    let total = 0;
    for (let from = 0; from < order.length; from += batch) {
      this.host.signal?.throwIfAborted();
      const rows = order.subarray(from, Math.min(order.length, from + batch));
      const loss = await this.#step(training.batch(rows));
      this.#refuseDivergence(loss, epoch);
      total += loss * rows.length;
      told(rows.length, this.#note(epoch, total / (from + rows.length), from + rows.length, began));
    }
    return total / order.length;
  }

  #note(epoch: number, loss: number, rows: number, began: number): string {
    const last = this.#curve[this.#curve.length - 1];
    const seconds = (this.host.clock?.() ?? 0) - began;
    const rate = seconds > 0 ? `, ${Math.round(rows / seconds)} samples/s` : "";
    return `epoch ${epoch}, loss ${loss.toPrecision(4)}, validation ${last.validationLoss.toPrecision(4)}${rate}`;
  }

  #step(batch: Batch): Promise<number> {
    const { input, target, rows, weights } = batch;
    if (this.#isOfKernels) return this.trainer.step(input, target, rows, weights);
    return this.trainer.stepWith(input, rows, (output) => this.#loss(batch, output));
  }

  #loss(batch: Batch, output: Float32Array): LossAndGradient | Promise<LossAndGradient> {
    const { target, rows, weights, cells } = batch;
    const { emdCnn, pixels } = this.job;
    const { kernels } = this.host;
    if (emdCnn !== undefined) return emdCnn.lossAndGradient(kernels, cells, output, pixels, weights);
    if (this.#ofPictures === undefined) return exactEmdLoss(kernels, cells, output, pixels, weights);
    const { loss, gradient } = this.#ofPictures(target, output, rows, weights);
    return { loss, gradient: Float32Array.from(gradient) };
  }

  /** A loss that is no number: the last good checkpoint stays where it is. */
  #refuseDivergence(loss: number, epoch: number): void {
    if (Number.isFinite(loss)) return;
    throw new DisagreementError(`training: epoch ${epoch}: diverged: expected a finite loss, got ${loss}`, {
      tag: "diverged",
      remedy: "a smaller --lr",
      ...(this.job.store === undefined ? {} : { safe: `the checkpoint of epoch ${epoch - 1} is kept` }),
    });
  }

  /** Validation, the curve's next line, the best so far, the checkpoint. */
  async #finish(epoch: number, loss: number | null): Promise<void> {
    const { validationLoss, validationEmd } = await this.#validate();
    this.#refuseDivergence(validationLoss, epoch);
    const record = {
      epoch,
      learningRate: epoch === 0 ? 0 : rateOf(this.#settings, epoch),
      loss,
      validationLoss,
      validationEmd,
    };
    const before = this.#curve.find((one) => one.epoch === this.#bestEpoch);
    this.#curve.push(record);
    if (before === undefined || validationLoss < before.validationLoss) {
      this.#bestEpoch = epoch;
      this.#best = this.trainer.state.parameters.slice();
    }
    const { fingerprint, store } = this.job;
    await store?.save({
      fingerprint,
      state: this.trainer.state,
      bestEpoch: this.#bestEpoch,
      best: this.#best,
      curve: this.#curve,
    });
    this.host.onEpoch?.(record);
  }

  async #validate(): Promise<{ validationLoss: number; validationEmd: number | null }> {
    const { validation, pixels } = this.job;
    const distances = new DistanceMean(this.host.kernels, pixels);
    let loss = 0;
    for (const batch of batchesOf(validation)) {
      this.host.signal?.throwIfAborted();
      const output = await this.trainer.infer(batch.input, batch.rows);
      await distances.add(batch, output);
      loss += (await this.#validationLoss(batch, output)) * batch.rows;
    }
    const validationEmd = distances.mean;
    const isExact = this.job.settings.loss === "emd";
    return { validationLoss: isExact ? (validationEmd ?? NaN) : loss / validation.rows, validationEmd };
  }

  /** Of one batch; the exact distance is summed up apart, over rows that have one. */
  async #validationLoss({ target, rows, cells }: Batch, output: Float32Array): Promise<number> {
    const { emdCnn, pixels } = this.job;
    if (emdCnn !== undefined) return emdCnn.loss(this.host.kernels, cells, output, pixels);
    return this.#ofPictures?.(target, output, rows).loss ?? 0;
  }
}

/** The state to begin with: the checkpoint's when resuming. Refuses (InputError) the checkpoint of another training. */
async function startOf({ store, resume, fingerprint, start, planned }: TrainJob) {
  const checkpoint = resume ? await store?.load() : undefined;
  if (checkpoint === undefined) {
    return { checkpoint: undefined, state: initialState(planned, start) };
  }
  if (checkpoint.fingerprint !== fingerprint || checkpoint.best.length !== start.length)
    throw new InputError(
      `checkpoint: of another training: expected ${fingerprint.slice(0, 12)}, got ${checkpoint.fingerprint.slice(0, 12)}`,
      { tag: "checkpoint", remedy: "the same model, data, options and seed as before, or another --out" },
    );
  return { checkpoint, state: checkpoint.state };
}

/**
 * Trains to the end. Throws DisagreementError when the loss is no number any more, InputError for the checkpoint of another training, and the signal's reason when stopped; the last checkpoint is whole in every case.
 */
export async function train(job: TrainJob, host: TrainHost): Promise<Trained> {
  const { checkpoint, state } = await startOf(job);
  const trainer = await openTrainer(
    {
      planned: job.planned,
      loss: lossOfKernels(job),
      optimiser: job.settings.optimiser,
      kernels: host.kernels,
      ...(job.quantise === undefined ? {} : { quantise: job.quantise }),
    },
    state,
  );
  return new Training(job, host, trainer, checkpoint).run();
}
