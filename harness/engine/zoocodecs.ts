/** Codecs with a model of the zoo inside: its hybrid, residual and entropy-coded forms. They run when named. */
import type { Codec } from "../core/codec.js";
import { aeCodedCodec } from "../codecs/aecodedcodec.js";
import { aeResidualCodec } from "../codecs/aeresidualcodec.js";
import type { Training } from "../codecs/aetraining.js";
import { hybridCodec } from "../codecs/hybridcodec.js";
import { readZooModels, type ZooModel } from "./zoo.js";

/** The training that the tables of the hybrid and the entropy-coded form are fitted to (scripts/fit-hybrid.mjs). */
export const FITTED_TRAINING = "emd-stride-ttbar-200pu";

/** That training, where `models` have it for two links, which all of these codecs build on. */
function fittedTraining(models: readonly ZooModel[]): Training[] {
  const own = models.filter(({ training }) => training === FITTED_TRAINING);
  const byLinks = own.map(({ links, model }) => [links, model] as const).sort(([a], [b]) => a - b);
  return byLinks.some(([links]) => links === 2) ? [{ id: own[0].training, models: new Map(byLinks) }] : [];
}

/** By id. */
export async function loadZooCodecs(files?: readonly string[]): Promise<ReadonlyMap<string, Codec>> {
  const codecs = fittedTraining(await readZooModels(files)).flatMap((training) => [
    hybridCodec(training),
    aeResidualCodec(training),
    aeCodedCodec(training),
  ]);
  return new Map(codecs.map((codec) => [codec.id, codec]));
}
