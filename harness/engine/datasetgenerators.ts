/** The generators that manifests may name, by name. What each one makes is in simulation/. */
import { z } from "zod";
import { InputError, printable } from "../core/errors.js";
import type { Generator, TableGenerator } from "../core/generator.js";
import { CELLS } from "../core/table.js";
import { makeModules } from "../simulation/modules.js";
import { SAMPLES } from "../simulation/samples.js";
import { EVENT_GENERATOR } from "./eventgenerators.js";
import { parsed } from "./generatorparameters.js";
import { JET_GENERATORS } from "./jetgenerators.js";

const moduleParameters = z.strictObject({
  sample: z.enum(SAMPLES),
  pileup: z.number().nonnegative(),
  underlying: z.number().nonnegative(),
  nearShare: z.number().min(0).max(1),
  firstLayer: z.number().int(),
  lastLayer: z.number().int(),
  lowestEta: z.number().positive(),
  noiseCounts: z.number().nonnegative(),
  thresholdSigma: z.number().nonnegative(),
});

export const CALQ_COLUMNS: readonly string[] = Array.from({ length: CELLS }, (_, i) => `CALQ_${i}`);

const modules: TableGenerator = {
  kind: "table",
  name: "hgcal-modules",
  domain: "modules",
  unitsPerChunk: 250,
  columns: CALQ_COLUMNS,
  columnUnits: [],
  open(parameters, where) {
    const own = parsed(moduleParameters, parameters, this.name, where);
    return {
      make(seed, from, to) {
        const { rows, calq, labels } = makeModules(own, seed, from, to);
        return { rows, values: calq, labels: [...labels] };
      },
    };
  },
};

const GENERATORS: ReadonlyMap<string, Generator> = new Map(
  [modules, ...JET_GENERATORS, EVENT_GENERATOR].map((one) => [one.name, one]),
);

/** The generator of that name; refuses (InputError) others, naming the manifest. */
export function findGenerator(name: string, where: string): Generator {
  const found = GENERATORS.get(name);
  if (found !== undefined) return found;
  throw new InputError(
    `${where}: generator: expected one of ${[...GENERATORS.keys()].join(", ")}, got ${printable(name)}`,
    { tag: "schema" },
  );
}
