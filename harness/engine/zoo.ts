/**
 * Trained models that come with the package (zoo/*.json with their binaries) as codecs.
 *
 * One codec for each training, with a model of its own for every number of links. All were trained here, on simulated modules
 * only; each file names the command that makes it again.
 */
import { join } from "node:path";
import { defineCodec, type Codec } from "../core/codec.js";
import { InputError, isHarnessError, printable } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import { parseStrictJson } from "../core/strictjson.js";
import { autoencoderCodec } from "../codecs/aemodel.js";
import { fitsChip } from "../codecs/aechip.js";
import { sha256 } from "../io/hash.js";
import { packageRoot, readPackageBytes, readPackageFile } from "../io/packagefiles.js";
import type { ImportedModel } from "../models/imported.js";
import { importModel } from "../models/importmodel.js";
import { loadModel } from "./models.js";
import { zooFiles } from "./plugins.generated.js";

/** "<training>-<links>.json" */
const FILE = /^([a-z0-9][a-z0-9.-]*)-([2-5])\.json$/;

export interface ZooModel {
  readonly training: string;
  readonly links: number;
  readonly model: ImportedModel;
}

async function readZooModel(file: string): Promise<ZooModel> {
  const match = FILE.exec(file);
  const where = `zoo/${file}`;
  if (match === null)
    throw new InputError(`${where}: name: expected <training>-<links>.json, got ${printable(file)}`, {
      tag: "zoo",
    });
  const json = parseStrictJson(await readPackageFile(where), where);
  const binary = await readPackageBytes(where.replace(/json$/, "bin"));
  const content = { kind: "manifest", json, binary } as const;
  const [, training, links] = match;
  const pieces = [{ part: undefined, where, content }];
  const model = importModel({ id: `${training}-${links}`, sha256: sha256(binary), pieces });
  return { training, links: Number(links), model };
}

/** A codec of the models of one training; `links` chooses among them. */
function zooCodec(training: string, models: readonly ZooModel[]): Codec {
  const byLinks = new Map(
    models.map(({ links, model }): [number, Codec] => {
      const encoder = model.parts.encoder;
      const onGrid = encoder !== undefined && fitsChip(encoder.plan.network) ? "chip-nearest" : "round-32";
      const card = {
        id: `ae-${training}`,
        title: `autoencoder ${training}`,
        source: model.source,
        links,
        encoder: onGrid,
        output: "integer",
      } as const;
      return [links, autoencoderCodec(model, card)];
    }),
  );
  const choices = [...byLinks.keys()].sort((x, y) => x - y);
  const [first] = byLinks.values();
  return defineCodec({
    ...first,
    parameters: {
      ...first.parameters,
      links: { ...first.parameters.links, default: choices[0], choices },
    },
    variants: () => choices.map((links) => ({ links })),
    open(parameters, kernels) {
      const links = Object.hasOwn(parameters, "links") ? Number(parameters.links) : choices[0];
      const codec = byLinks.get(links);
      if (codec === undefined)
        throw new InputError(
          `codec ${first.id}: links: expected one of ${choices.join(", ")}, got ${links}`,
          { tag: "parameter" },
        );
      return codec.open(parameters, kernels);
    },
  });
}

/**
 * The model of the zoo of that name, "<training>-<links>", or of the files at that path; where there are none, the refusal
 * (InputError) names the zoo's models that are called nearly so.
 */
export async function loadNamedModel(name: string): Promise<ImportedModel> {
  if (zooFiles.includes(`${name}.json`)) return loadModel(join(packageRoot(), "zoo", `${name}.json`));
  try {
    return await loadModel(name);
  } catch (error) {
    const names = zooFiles.map((file) => file.replace(/\.json$/, ""));
    const near = nearestNames(name, names);
    if (!isHarnessError(error) || error.tag !== "missing" || near.length === 0) throw error;
    throw new InputError(error.message, { tag: error.tag, remedy: `did you mean ${near.join(" or ")}?` });
  }
}

export async function readZooModels(files: readonly string[] = zooFiles): Promise<readonly ZooModel[]> {
  return Promise.all(files.map(readZooModel));
}

/** The zoo's codecs by id; reads all its files. */
export async function loadZoo(files: readonly string[] = zooFiles): Promise<ReadonlyMap<string, Codec>> {
  const models = await readZooModels(files);
  const trainings = [...new Set(models.map(({ training }) => training))].sort();
  return new Map(
    trainings.map((training) => {
      const codec = zooCodec(
        training,
        models.filter((one) => one.training === training),
      );
      return [codec.id, codec];
    }),
  );
}
