/** Options of `wafermark train`, and what they mean together: a recipe, what is said explicitly, and defaults. */
import { UsageError } from "../core/errors.js";
import type { DatasetSize } from "../engine/datasets.js";
import type { Loss, LoopSettings, Schedule } from "../engine/train.js";
import type { PixelOrder } from "../models/picture.js";
import { TARGET_RULES, type TargetRule } from "../models/trainrules.js";
import type { Context, OptionDeclaration } from "./context.js";
import { choice, decimal, integer, list } from "./options.js";
import { TABLE_OPTIONS, type TableOptions } from "./runoptions.js";

export interface TrainOptions extends Omit<TableOptions, "data" | "datasets"> {
  readonly recipe?: string;
  readonly pileup?: number;
  readonly model?: string;
  readonly data?: string;
  readonly size?: DatasetSize;
  readonly variant?: readonly string[];
  readonly links?: number;
  readonly loss?: Loss;
  readonly emdCnn?: string;
  readonly order?: PixelOrder;
  readonly epochs?: number;
  readonly batch?: number;
  readonly lr?: number;
  readonly decay?: number;
  readonly schedule?: Schedule;
  readonly patience?: number;
  readonly rows?: number;
  readonly chipEpochs?: number;
  readonly condition?: number;
  readonly versions?: boolean;
  readonly resume?: boolean;
  readonly name?: string;
  readonly out?: string;
}

const MOST_EPOCHS = 100_000;

export const TRAIN_OPTIONS: readonly OptionDeclaration[] = [
  {
    flags: "--recipe <id>",
    says: "a training of the studies by name: model, sample, loss and variant in one",
  },
  {
    flags: "--pileup <n>",
    says: "pileup of the recipe's sample: 0 or 200 (default: 200)",
    parse: integer("--pileup", 0, 1000),
  },
  { flags: "--model <id>", says: "architecture (default: autoencoder-8x8-stride)" },
  {
    flags: "--data <id-or-file>",
    says: "embedded dataset, or a file of modules (CSV, HDF5, npy, npz; also .gz)",
  },
  ...TABLE_OPTIONS.filter(({ flags }) => !/^--data(sets)? /.test(flags)),
  {
    flags: "--size <size>",
    says: "size of an embedded dataset (default: full)",
    parse: choice("--size", ["smoke", "standard", "full"]),
  },
  {
    flags: "--variant <names>",
    says: "what the target is: none, calq, remove, remove-signal, mask or mask-pixel; with it, comma separated: occupancy",
    parse: list(),
  },
  {
    flags: "--links <n>",
    says: "train for the bits of that many links (2 to 5), weights on 6 bits; without it nothing is quantised",
    parse: integer("--links", 2, 5),
  },
  {
    flags: "--loss <id>",
    says: "mse, weighted-mse, telescope, emd (exact) or emd-cnn (as the network of --emd-cnn guesses it)",
    parse: choice("--loss", ["mse", "weighted-mse", "telescope", "emd", "emd-cnn"]),
  },
  {
    flags: "--emd-cnn <file>",
    says: "weights of a network that guesses the EMD, for the loss emd-cnn",
  },
  {
    flags: "--order <order>",
    says: "pixel order of 4x4x3 pictures: flat or interleave",
    parse: choice("--order", ["flat", "interleave", "8x8"]),
  },
  {
    flags: "--epochs <n>",
    says: "passes over the training rows (default: 25)",
    parse: integer("--epochs", 1, MOST_EPOCHS),
  },
  {
    flags: "--batch <n>",
    says: "rows per step (default: 64; exact EMD and EMD-CNN 256)",
    parse: integer("--batch", 1, 65536),
  },
  {
    flags: "--lr <rate>",
    says: "first learning rate of Adam (default: 0.002; exact EMD and EMD-CNN 0.005)",
    parse: decimal("--lr", 0, 100),
  },
  { flags: "--decay <rate>", says: "decoupled weight decay (default: 0)", parse: decimal("--decay", 0, 1) },
  {
    flags: "--schedule <id>",
    says: "learning rate: constant or cosine (default)",
    parse: choice("--schedule", ["constant", "cosine"]),
  },
  {
    flags: "--patience <n>",
    says: "epochs without a better validation loss before it ends (default: 30)",
    parse: integer("--patience", 1, MOST_EPOCHS),
  },
  { flags: "--rows <n>", says: "most training rows (default: all)", parse: integer("--rows", 1) },
  {
    flags: "--chip-epochs <n>",
    says: "epochs that tune the decoder to the chip's integer encoder, with --links on the 8x8 stride model (default: a quarter of --epochs)",
    parse: integer("--chip-epochs", 0, MOST_EPOCHS),
  },
  {
    flags: "--condition <epochs>",
    says: "after that, epochs for a decoder that is told layer, eta and type of the module (no bits on the links)",
    parse: integer("--condition", 1, MOST_EPOCHS),
  },
  {
    flags: "--versions",
    says: "train without quantisation too, and compare float, quantised after training, trained for it, and the chip (with --links)",
  },
  { flags: "--resume", says: "go on from the checkpoint in --out" },
  { flags: "--name <id>", says: "name of the weights' files (default: made of recipe and links)" },
  {
    flags: "-o, --out <dir>",
    says: "folder for weights, checkpoint and curve (default: ./wafermark-out/<UTC>-train-<id>)",
  },
];

/** The target rule, and whether rows are weighed by occupancy; refuses (UsageError) other words and two rules. */
export function variantOf(words: readonly string[]): { rule: TargetRule; reweight: boolean } {
  const rules = words.filter((word) => word !== "occupancy");
  const rule = TARGET_RULES.find((known) => known === (rules[0] ?? "none"));
  if (rule === undefined || rules.length > 1)
    throw new UsageError(
      `--variant: expected one of ${TARGET_RULES.join(", ")} and perhaps occupancy, got ${words.join(",")}`,
    );
  return { rule, reweight: words.includes("occupancy") };
}

const EPOCHS = 25;
const PATIENCE = 30;
/**
 * Steps that suit a loss. Distance of the validation rows after 25 epochs of the 8x8 stride model at two links, simulated top pairs:
 * telescope 2.29 with 256 rows and 0.005, 2.35 with 256 and 0.001, 1.54 with 64 and 0.005, 1.47 with 64 and 0.002 (1.49 after 50
 * epochs: it does not ask for more); exact EMD 0.89 with 256 and 0.005, 0.94 with 64 and 0.002.
 */
const stepsFor = (loss: Loss): { batch: number; learningRate: number } =>
  loss === "emd" || loss === "emd-cnn"
    ? { batch: 256, learningRate: 0.005 }
    : { batch: 64, learningRate: 0.002 };

/** Refuses (UsageError) the loss emd-cnn without the network that it goes by, and such a network for another loss. */
export function refuseEmdCnn({ emdCnn }: TrainOptions, loss: Loss): void {
  if (loss === "emd-cnn" && emdCnn === undefined)
    throw new UsageError("--loss emd-cnn: expected --emd-cnn with the weights of the network, got none", {
      remedy: "the weights are not part of wafermark; --loss emd is the exact distance and needs none",
    });
  if (loss !== "emd-cnn" && emdCnn !== undefined)
    throw new UsageError(`--emd-cnn: expected --loss emd-cnn, which goes by it, got ${loss}`, {
      remedy: "--loss emd-cnn, or no --emd-cnn",
    });
}

/** The loop's settings for a loss; `epochs` and so on as given. */
export function loopOf(options: TrainOptions, loss: Loss, context: Context): LoopSettings {
  const { batch, learningRate } = stepsFor(loss);
  return {
    loss,
    epochs: options.epochs ?? EPOCHS,
    batch: options.batch ?? batch,
    optimiser: {
      learningRate: options.lr ?? learningRate,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7, // Keras' own
      weightDecay: options.decay ?? 0,
    },
    schedule: options.schedule ?? "cosine",
    patience: options.patience ?? PATIENCE,
    seed: context.seed,
  };
}
