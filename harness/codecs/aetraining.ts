/** The models of one training, one for each number of links: what codecs with an autoencoder inside are made for. */
import type { Parameter } from "../core/codec.js";
import { InputError } from "../core/errors.js";
import type { ImportedModel } from "../models/imported.js";
import { autoencoderParts, type AutoencoderParts } from "./aemodel.js";

export interface Training {
  readonly id: string;
  /** By links, ascending. */
  readonly models: ReadonlyMap<number, ImportedModel>;
}

/** The link counts that there are models for. */
export function trainedLinks({ models }: Training): Parameter {
  const choices = [...models.keys()];
  return { says: "output links of 32 bits per crossing", default: choices[0], choices };
}

/** The model of `links`; refuses (InputError) a training without one. */
export function partsFor({ id, models }: Training, links: number): AutoencoderParts {
  const model = models.get(links);
  if (model !== undefined) return autoencoderParts(model);
  throw new InputError(
    `training ${id}: links: expected a model for one of ${[...models.keys()].join(", ")}, got ${links}`,
    { tag: "model" },
  );
}
