/** Generators of jets that manifests may name. What each one makes is in simulation/jets. */
import { z } from "zod";
import type { TableGenerator } from "../core/generator.js";
import { rng, type Rng } from "../core/rng.js";
import { ATLAS_27D, CMS_19D, CMS_24D, FOUR_VECTORS, type JetColumn } from "../physics/jetcolumns.js";
import { atlasJet } from "../simulation/jets/atlas27.js";
import { cmsJet } from "../simulation/jets/cms24.js";
import { fourVector } from "../simulation/jets/fourvectors.js";
import { parsed } from "./generatorparameters.js";

const noParameters = z.strictObject({});

type Maker = (random: Rng, row: Float64Array) => void;

/** Rows of independent jets: jet i has random stream i. */
function jets(name: string, columns: readonly JetColumn[], make: Maker): TableGenerator {
  return {
    kind: "table",
    name,
    domain: "jets",
    unitsPerChunk: 1000,
    columns: columns.map((column) => column.name),
    columnUnits: columns.map(({ unit }) => unit),
    open(parameters, where) {
      parsed(noParameters, parameters, name, where);
      return {
        make(seed, from, to) {
          const values = new Float64Array((to - from) * columns.length);
          for (let jet = from; jet < to; jet++) {
            const at = (jet - from) * columns.length;
            make(rng(seed, jet), values.subarray(at, at + columns.length));
          }
          return { rows: to - from, values, labels: [] };
        },
      };
    },
  };
}

const KEPT = CMS_19D.map((column) => CMS_24D.indexOf(column));

/** The 19 columns of a jet with 24. */
function cmsJet19(random: Rng, row: Float64Array): void {
  const whole = new Float64Array(CMS_24D.length);
  cmsJet(random, whole);
  KEPT.forEach((from, to) => {
    row[to] = whole[from];
  });
}

export const JET_GENERATORS: readonly TableGenerator[] = [
  jets("jets-atlas", ATLAS_27D, atlasJet),
  jets("jets-cms", CMS_24D, cmsJet),
  jets("jets-cms-without-rare", CMS_19D, cmsJet19),
  jets("jets-four-vectors", FOUR_VECTORS, fourVector),
];
