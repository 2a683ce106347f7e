/**
 * Trained models for others: the encoder as the chip's register file, encoder and decoder as Keras files.
 *
 * Keras: `encoder.hdf5` and `encoder.json`, the same for the decoder, in one folder, as the published models are laid out;
 * `wafermark econt --weights` and `--models` read them too.
 */
import { join } from "node:path";

import { registerText } from "../chip/registertext.js";
import { InputError } from "../core/errors.js";
import { writeFileAtomic } from "../io/atomic.js";
import { makeFolder } from "../io/folders.js";
import { kerasHdf5 } from "../io/kerashdf5.js";
import { kerasModel } from "../models/exportkeras.js";
import type { ImportedModel, ImportedPart } from "../models/imported.js";
import { chipWeights } from "./trainchip.js";

type Exported = Pick<ImportedModel, "id" | "source" | "parts">;

function partOf({ id, parts }: Exported, name: "encoder" | "decoder"): ImportedPart {
  const part = parts[name];
  if (part !== undefined) return part;
  throw new InputError(`model ${id}: ${name}: expected one to export, got none`, { tag: "model" });
}

/**
 * Writes the encoder's register file for `links` links, weights rounded to nearest; refuses (InputError) an encoder that is not the
 * chip's. Weights that were trained on the chip's grid come back exactly.
 */
export async function exportRegisters(model: Exported, links: number, path: string): Promise<void> {
  const weights = chipWeights(partOf(model, "encoder"));
  const comment = `autoencoder ${model.id}, ${links} links: weights rounded to 6 bits, nearest\n${model.source}`;
  await writeFileAtomic(path, registerText(weights, links, comment));
}

/**
 * Writes both parts into `folder`, which is made; answers with the paths. Values are float32. Refuses (InputError) a model without
 * one of them, and layers that Keras does not have, before anything is written.
 */
export async function exportKeras(model: Exported, folder: string): Promise<readonly string[]> {
  const models = (["encoder", "decoder"] as const).map((name) => ({
    name,
    ...kerasModel(partOf(model, name), name),
  }));
  await makeFolder(folder);
  const paths: string[] = [];
  for (const { name, architecture, version, layers } of models) {
    const [weights, json] = [join(folder, `${name}.hdf5`), join(folder, `${name}.json`)];
    await writeFileAtomic(weights, await kerasHdf5(layers, version));
    await writeFileAtomic(json, `${architecture}\n`);
    paths.push(weights, json);
  }
  return paths;
}
