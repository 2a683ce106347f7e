/**
 * Can a classifier tell synthetic modules from real ones? Its cross-validated ROC, and the features that gave them away.
 *
 * Boosted trees (models/boostedtrees.ts) on the features of physics/modulefeatures.ts. Rows are taken at even steps up to a cap.
 * Identical rows share a fold, so that no row is recognised from a copy that was learned.
 */
import { InputError } from "../core/errors.js";
import type { ClassifierRecord } from "../core/realism.js";
import { CELLS, type Slab } from "../core/table.js";
import { areaError, areaUnder, rocCurve, type RocPoint } from "../core/twosample.js";
import { crossValidate, JUDGE, type FeatureTable } from "../models/boostedtrees.js";
import { FEATURE_NAMES, moduleFeatures } from "../physics/modulefeatures.js";
import { pickRows } from "./pickrows.js";

export const AUC_LIMIT = 0.7;
const FOLDS = 5;
const MOST_ROWS = 5000;
const LEAST_ROWS = 100;
const SHOWN_GIVEAWAYS = 10;
const SHOWN_POINTS = 100;

/** At most `most` rows at even steps. */
function thinned(slab: Slab, most: number): Slab {
  if (slab.rows <= most) return slab;
  return pickRows(
    slab,
    Array.from({ length: most }, (_, i) => Math.floor((i * slab.rows) / most)),
  );
}

/** Each row's fold, from its charges alone. */
function foldsOf(calq: Float64Array): Uint8Array {
  const folds = new Uint8Array(calq.length / CELLS);
  const words = new Uint32Array(calq.slice().buffer);
  for (let row = 0; row < folds.length; row++) {
    let hash = 0x811c9dc5;
    for (let k = 2 * row * CELLS; k < 2 * (row + 1) * CELLS; k++)
      hash = Math.imul(hash ^ words[k], 0x01000193) ^ (hash >>> 13);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    folds[row] = ((hash ^ (hash >>> 13)) >>> 0) % FOLDS;
  }
  return folds;
}

/** Area of one feature used alone, in the direction that separates better (0.5 or more). */
function areaAlone(column: Float64Array, positive: Uint8Array): number {
  const area = areaUnder(rocCurve(column, positive));
  return Math.max(area, 1 - area);
}

function giveaways(table: FeatureTable, importance: Float64Array, positive: Uint8Array) {
  return table.names
    .map((feature, k) => ({ feature, share: importance[k], k }))
    .sort((a, b) => b.share - a.share || a.k - b.k)
    .slice(0, SHOWN_GIVEAWAYS)
    .filter(({ share }) => share > 0)
    .map(({ feature, share, k }) => ({ feature, share, auc: areaAlone(table.columns[k], positive) }));
}

function shownPoints(curve: readonly RocPoint[]): RocPoint[] {
  const step = Math.max(1, (curve.length - 1) / SHOWN_POINTS);
  const shown: RocPoint[] = [];
  for (let at = 0; at < curve.length - 1; at += step) shown.push(curve[Math.floor(at)]);
  return [...shown, curve[curve.length - 1]];
}

function enough(slab: Slab, which: string): void {
  if (slab.rows >= LEAST_ROWS) return;
  throw new InputError(
    `realism: ${which} rows: too few to judge: expected at least ${LEAST_ROWS}, got ${slab.rows}`,
    { tag: "shape", remedy: "a larger --size or --events" },
  );
}

/** The classifier's verdict on two tables; synthetic rows are the positives. Refuses (InputError) tables below 100 rows. */
export function classify(syntheticTable: Slab, realTable: Slab): ClassifierRecord {
  enough(syntheticTable, "synthetic");
  enough(realTable, "real");
  const synthetic = thinned(syntheticTable, MOST_ROWS);
  const real = thinned(realTable, MOST_ROWS);
  const calq = new Float64Array(CELLS * (synthetic.rows + real.rows));
  calq.set(synthetic.calq);
  calq.set(real.calq, synthetic.calq.length);
  const positive = new Uint8Array(synthetic.rows + real.rows).fill(1, 0, synthetic.rows);
  const table: FeatureTable = { names: FEATURE_NAMES, columns: moduleFeatures(calq) };
  const { margins, importance } = crossValidate(table, positive, foldsOf(calq), FOLDS);
  const curve = rocCurve(margins, positive);
  const auc = areaUnder(curve);
  return {
    method: `${JUDGE.trees} boosted trees of depth ${JUDGE.depth}, learning rate ${JUDGE.learningRate}`,
    features: [...FEATURE_NAMES],
    folds: FOLDS,
    syntheticRows: synthetic.rows,
    realRows: real.rows,
    auc,
    aucError: areaError(auc, synthetic.rows, real.rows),
    goal: { limit: AUC_LIMIT, reached: auc <= AUC_LIMIT },
    giveaways: giveaways(table, importance, positive),
    roc: shownPoints(curve),
  };
}
