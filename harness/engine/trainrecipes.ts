/**
 * The trainings of the studies by their slides' names: model, sample, loss and target rule in one word.
 *
 * `Ele CALQ`, `remove` and `mask` are known from slides alone; trainrules.ts says how they are read. Sources of the rest:
 * fastml-science sensor-data-compression (networks.py, telescope.py); EMD loss: arXiv:2306.04712, whose network that approximates
 * the distance is `emd-cnn` (its weights come from outside); `emd` is the exact distance.
 */
import { printable, UsageError } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import type { TargetRule } from "../models/trainrules.js";
import type { Loss } from "./train.js";

export interface Recipe {
  readonly id: string;
  /** The slide's name. */
  readonly title: string;
  readonly model: string;
  readonly sample: "electron" | "ttbar";
  readonly loss: Loss;
  readonly variant: TargetRule;
  readonly reweight: boolean;
}

const STRIDE = "autoencoder-8x8-stride";
const WIDE = "autoencoder-8x8-wide";

const recipe = (
  id: string,
  title: string,
  sample: Recipe["sample"],
  more: Partial<Omit<Recipe, "id" | "title" | "sample">> = {},
): Recipe => ({
  id,
  title,
  model: STRIDE,
  sample,
  loss: "telescope",
  variant: "none",
  reweight: false,
  ...more,
});

export const RECIPES: readonly Recipe[] = [
  recipe("tele-stride-ttbar", "AE Tele Stride ttbar", "ttbar"),
  recipe("tele-stride-ele", "AE Tele Stride Ele", "electron"),
  recipe("tele-stride-ele-calq", "AE Tele Stride Ele CALQ", "electron", { variant: "calq" }),
  recipe("tele-stride-ele-remove", "AE Tele Stride Ele, sim<0.0001 removed", "electron", {
    variant: "remove",
  }),
  recipe("tele-stride-ele-remove-signal", "AE Tele Stride Ele, sim>0.0001 removed", "electron", {
    variant: "remove-signal",
  }),
  recipe("tele-stride-ele-mask", "AE Tele Stride Ele, training mask <0.001", "electron", { variant: "mask" }),
  recipe("tele-stride-ele-mask-pixel", "AE Tele Stride Ele, pixels <0.001 masked", "electron", {
    variant: "mask-pixel",
  }),
  recipe("tele-stride-ele-occupancy", "AE Tele Stride Ele, occupancy reweighted", "electron", {
    reweight: true,
  }),
  recipe("tele-pool-ttbar", "AE Tele Pool ttbar", "ttbar", { model: "autoencoder-8x8-pool" }),
  recipe("tele-pool-ele", "AE Tele Pool Ele", "electron", { model: "autoencoder-8x8-pool" }),
  recipe("tele-443-ttbar", "AE Tele 4x4x3 ttbar", "ttbar", { model: "autoencoder-4x4x3" }),
  recipe("tele-443-ele", "AE Tele 4x4x3 Ele", "electron", { model: "autoencoder-4x4x3" }),
  recipe("wmse-stride-ttbar", "AE weighted MSE Stride ttbar", "ttbar", { loss: "weighted-mse" }),
  recipe("wmse-stride-ele", "AE weighted MSE Stride Ele", "electron", { loss: "weighted-mse" }),
  recipe("emd-cnn-stride-ttbar", "AE EMD-CNN Stride ttbar", "ttbar", { loss: "emd-cnn" }),
  recipe("emd-cnn-stride-ele", "AE EMD-CNN Stride Ele", "electron", { loss: "emd-cnn" }),
  recipe("emd-stride-ttbar", "AE exact EMD Stride ttbar", "ttbar", { loss: "emd" }),
  recipe("emd-stride-ele", "AE exact EMD Stride Ele", "electron", { loss: "emd" }),
  recipe("emd-wide-ttbar", "AE exact EMD Stride ttbar, wide decoder", "ttbar", { loss: "emd", model: WIDE }),
  recipe("emd-wide-ele", "AE exact EMD Stride Ele, wide decoder", "electron", { loss: "emd", model: WIDE }),
  recipe("emd-pool-ele", "AE exact EMD Pool Ele", "electron", { loss: "emd", model: "autoencoder-8x8-pool" }),
];

/** The recipe of an id; refuses (UsageError) an unknown one, with the nearest names. */
export function recipeOf(id: string): Recipe {
  const found = RECIPES.find((one) => one.id === id);
  if (found !== undefined) return found;
  const ids = RECIPES.map((one) => one.id);
  const near = nearestNames(id, ids);
  throw new UsageError(
    `--recipe: unknown: expected one of ${ids.join(", ")}, got ${printable(id)}`,
    near.length === 0 ? {} : { remedy: `did you mean ${near.join(" or ")}?` },
  );
}
