/** Codecs with a model of the zoo inside: hybrid, residual and entropy-coded forms of each training. They run when named. */
import type { Codec } from "../core/codec.js";
import { aeCodedCodec } from "../codecs/aecodedcodec.js";
import { aeResidualCodec } from "../codecs/aeresidualcodec.js";
import type { Training } from "../codecs/aetraining.js";
import { hybridCodec } from "../codecs/hybridcodec.js";
import { readZooModels, type ZooModel } from "./zoo.js";

/** Trainings with a model for two links, which all of these codecs build on. */
function trainingsOf(models: readonly ZooModel[]): Training[] {
  return [...new Set(models.map(({ training }) => training))].sort().flatMap((id) => {
    const own = models.filter(({ training }) => training === id);
    const byLinks = own.map(({ links, model }) => [links, model] as const).sort(([a], [b]) => a - b);
    return byLinks[0][0] === 2 ? [{ id, models: new Map(byLinks) }] : [];
  });
}

/** By id. */
export async function loadZooCodecs(files?: readonly string[]): Promise<ReadonlyMap<string, Codec>> {
  const trainings = trainingsOf(await readZooModels(files));
  const codecs = trainings.flatMap((training) => [
    hybridCodec(training),
    aeResidualCodec(training),
    aeCodedCodec(training),
  ]);
  return new Map(codecs.map((codec) => [codec.id, codec]));
}
