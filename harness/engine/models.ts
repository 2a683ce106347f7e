/**
 * Models from files as codecs (autoencoders of modules) and metrics (networks that guess the EMD) of a run.
 *
 * Weights are never part of the package: they come from `--models`, or from the published files in WAFERMARK_DATA.
 */
import type { Codec } from "../core/codec.js";
import { InputError, UsageError } from "../core/errors.js";
import type { Metric } from "../core/metric.js";
import { autoencoderCodec, type ModelCard } from "../codecs/aemodel.js";
import { findPublished, type FoundModel } from "../io/publishedmodels.js";
import { readModelFiles } from "../io/modelfile.js";
import { emdCnn, guessesEmd } from "../metrics/emd-cnn.js";
import type { ImportedModel } from "../models/imported.js";
import { importModel } from "../models/importmodel.js";
import { readHdf5Weights } from "../readers/hdf5weights.js";

export interface Models {
  readonly codecs: ReadonlyMap<string, Codec>;
  readonly metrics: readonly Metric[];
}

/** Reads one model; `arch` names its architecture where its files do not list layers. */
export async function loadModel(path: string, arch?: string): Promise<ImportedModel> {
  return importModel(await readModelFiles(path, readHdf5Weights), arch);
}

function ownCard(model: ImportedModel): ModelCard {
  const id = `ae-${model.id.replace(/^ae-?/, "")}`;
  return { id, title: `autoencoder ${model.id}`, source: model.source };
}

/** The files behind one path: a model, or the published ones of a data folder. */
async function modelsAt(path: string, arch: string | undefined): Promise<readonly FoundModel[]> {
  const published = await findPublished(path);
  if (published.length === 0) return [{ path, ...(arch === undefined ? {} : { arch }) }];
  if (arch === undefined) return published;
  throw new UsageError(`--arch: expected none for the published models of ${path}, got ${arch}`);
}

/** Codecs and metrics of the models at `paths`; refuses (InputError) files that are none, and two models of one name. */
export async function loadModels(paths: readonly string[], arch?: string): Promise<Models> {
  const codecs = new Map<string, Codec>();
  const metrics: Metric[] = [];
  for (const path of paths) {
    for (const found of await modelsAt(path, arch)) {
      const model = await loadModel(found.path, found.arch);
      if (guessesEmd(model)) {
        metrics.push(emdCnn(model));
        continue;
      }
      const codec = autoencoderCodec(model, found.card ?? ownCard(model));
      if (codecs.has(codec.id))
        throw new InputError(`${found.path}: name of a model: expected each once, got ${codec.id} twice`, {
          tag: "model",
          remedy: "rename one of the files, and the binary beside it",
        });
      codecs.set(codec.id, codec);
    }
  }
  return { codecs, metrics };
}
