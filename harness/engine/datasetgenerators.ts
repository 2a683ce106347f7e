/** The generators that manifests may name, by name. What each one makes is in simulation/. */
import { z } from "zod";
import type { DatasetManifest } from "../core/dataset.js";
import { InputError, printable } from "../core/errors.js";
import type { Generator, KernelBuild, TableGenerator } from "../core/generator.js";
import { CELLS, LABELS, MEASURED_LABELS } from "../core/table.js";
import { CELL_COLUMNS, CELL_UNITS, makeEventCells, WHOLE_CELL_COLUMNS } from "../simulation/eventcells.js";
import { compiledDepositor } from "../simulation/depositor.js";
import { makeEventRows } from "../simulation/eventrows.js";
import { SAMPLES } from "../simulation/hard.js";
import { EventMaker, type EventParameters } from "../simulation/makeevent.js";
import { hasSimd, loadBinary } from "../wasm/binary.js";
import { EVENT_GENERATOR } from "./eventgenerators.js";
import { parsed } from "./generatorparameters.js";
import { JET_GENERATORS } from "./jetgenerators.js";

const eventParameters = z.strictObject({
  sample: z.enum(SAMPLES),
  lowestPt: z.number().positive(),
  highestPt: z.number().positive(),
  underlying: z.number().nonnegative(),
  pileup: z.number().nonnegative(),
  firstLayer: z.number().int(),
  lastLayer: z.number().int(),
  lowestEta: z.number().nonnegative(),
  keptShare: z.number().gt(0).max(1),
  thresholdMips: z.number().positive(),
});

export const CALQ_COLUMNS: readonly string[] = Array.from({ length: CELLS }, (_, i) => `CALQ_${i}`);

async function openMaker(
  parameters: EventParameters,
  build: KernelBuild = hasSimd() ? "release" : "scalar",
): Promise<EventMaker> {
  if (build === "none") return new EventMaker(parameters);
  const { module } = await loadBinary(build);
  return new EventMaker(parameters, (grid) => compiledDepositor(grid, module));
}

const modules: TableGenerator = {
  kind: "table",
  name: "hgcal-events",
  domain: "modules",
  unitsPerChunk: 2,
  columns: CALQ_COLUMNS,
  columnUnits: [],
  wholeColumns: [...CALQ_COLUMNS, ...LABELS.filter((name) => !MEASURED_LABELS.includes(name))],
  open(parameters, where, build) {
    const own = parsed(eventParameters, parameters, this.name, where);
    let maker: Promise<EventMaker> | undefined;
    return {
      async make(seed, from, to) {
        maker ??= openMaker(own, build);
        const { rows, calq, labels } = makeEventRows(await maker, own, seed, from, to);
        return { rows, values: calq, labels: [...labels] };
      },
    };
  },
};

/** The same events, told cell by cell: not what a manifest holds, but what `datasets make --cells` writes. */
const cells: TableGenerator = {
  kind: "table",
  name: "hgcal-cells",
  domain: "cells",
  unitsPerChunk: 1,
  columns: CELL_COLUMNS,
  columnUnits: CELL_UNITS,
  wholeColumns: WHOLE_CELL_COLUMNS,
  open(parameters, where, build) {
    const own = parsed(eventParameters, parameters, this.name, where);
    let maker: Promise<EventMaker> | undefined;
    return {
      async make(seed, from, to) {
        maker ??= openMaker(own, build);
        return { ...makeEventCells(await maker, seed, from, to), labels: [] };
      },
    };
  },
};

/** True when the set's rows come of simulated showers. */
export function hasShowers({ generator }: DatasetManifest): boolean {
  return generator?.name === modules.name;
}

/** The manifest of a set of modules as one of the trigger cells of its events, in all layers; undefined when it has none. */
export function cellsOf(manifest: DatasetManifest): DatasetManifest | undefined {
  const { generator } = manifest;
  if (generator === undefined || !hasShowers(manifest)) return undefined;
  const parameters = { ...generator.parameters, firstLayer: 1, lastLayer: 50 };
  return { ...manifest, generator: { ...generator, name: cells.name, parameters } };
}

const GENERATORS: ReadonlyMap<string, Generator> = new Map(
  [modules, cells, ...JET_GENERATORS, EVENT_GENERATOR].map((one) => [one.name, one]),
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
