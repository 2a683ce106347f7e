/**
 * A small deterministic classifier: gradient-boosted trees on binned features, and its cross-validated scores.
 *
 * Logistic loss, second-order gains, trees grown level by level, features in up to 64 quantile bins, both classes given the same
 * total weight. It judges how well two samples can be told apart; it is not meant for training codecs.
 * see: Friedman 2001 (doi:10.1214/aos/1013203451); the regularised gain of Chen and Guestrin 2016 (arXiv:1603.02754).
 */
import { exp } from "../core/elementary.js";
import { sorted } from "../core/stats.js";

/** Columns of equal length, one value per row. */
export interface FeatureTable {
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
}

export interface BoostOptions {
  readonly trees: number;
  /** Levels of questions in a tree. */
  readonly depth: number;
  readonly learningRate: number;
  /** Rows a leaf must have. */
  readonly leafRows: number;
}

/** What realism is judged with. */
export const JUDGE: BoostOptions = { trees: 80, depth: 3, learningRate: 0.15, leafRows: 20 };

const BINS = 64;
/** Pull of leaf values to zero, in units of the sum of second derivatives. */
const SHRINK = 1;

/** Upper edges of the bins of a column: distinct quantiles of its distinct-enough values. */
function binEdges(column: Float64Array): Float64Array {
  const ascending = sorted(column);
  const edges: number[] = [];
  for (let bin = 1; bin < BINS; bin++) {
    const edge = ascending[Math.floor((bin * ascending.length) / BINS)];
    if (edge > ascending[0] && edge !== edges[edges.length - 1]) edges.push(edge);
  }
  return Float64Array.from(edges);
}

/** Number of edges at or below the value. */
function binOf(value: number, edges: Float64Array): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function binned(table: FeatureTable): Uint8Array[] {
  return table.columns.map((column) => {
    const edges = binEdges(column);
    return Uint8Array.from(column, (value) => binOf(value, edges));
  });
}

interface Question {
  readonly feature: number;
  /** Rows whose bin is at or above this go right. */
  readonly from: number;
  readonly gain: number;
}

interface Derivatives {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Sums of a node's derivatives and rows by bin of one feature. */
interface BinSums {
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly rows: Float64Array;
}

function score(first: number, second: number): number {
  return (first * first) / (second + SHRINK);
}

function bestInFeature(feature: number, sums: BinSums, node: number, leafRows: number): Question | undefined {
  const base = node * BINS;
  let first = 0;
  let second = 0;
  let rows = 0;
  for (let bin = 0; bin < BINS; bin++) {
    first += sums.first[base + bin];
    second += sums.second[base + bin];
    rows += sums.rows[base + bin];
  }
  const whole = score(first, second);
  let best: Question | undefined;
  let leftFirst = 0;
  let leftSecond = 0;
  let leftRows = 0;
  for (let bin = 0; bin < BINS - 1; bin++) {
    leftFirst += sums.first[base + bin];
    leftSecond += sums.second[base + bin];
    leftRows += sums.rows[base + bin];
    if (leftRows < leafRows || rows - leftRows < leafRows) continue;
    const gain = score(leftFirst, leftSecond) + score(first - leftFirst, second - leftSecond) - whole;
    if (gain > (best?.gain ?? 1e-9)) best = { feature, from: bin + 1, gain };
  }
  return best;
}

/** The best question for each node of a level; undefined where none gains. */
function questionsOf(
  bins: readonly Uint8Array[],
  rows: Uint32Array,
  nodeOf: Uint8Array,
  nodes: number,
  derivatives: Derivatives,
  leafRows: number,
): (Question | undefined)[] {
  const best = new Array<Question | undefined>(nodes).fill(undefined);
  const sums: BinSums = {
    first: new Float64Array(nodes * BINS),
    second: new Float64Array(nodes * BINS),
    rows: new Float64Array(nodes * BINS),
  };
  for (let feature = 0; feature < bins.length; feature++) {
    const column = bins[feature];
    sums.first.fill(0);
    sums.second.fill(0);
    sums.rows.fill(0);
    for (const row of rows) {
      const at = nodeOf[row] * BINS + column[row];
      sums.first[at] += derivatives.first[row];
      sums.second[at] += derivatives.second[row];
      sums.rows[at]++;
    }
    for (let node = 0; node < nodes; node++) {
      const found = bestInFeature(feature, sums, node, leafRows);
      if (found !== undefined && found.gain > (best[node]?.gain ?? 0)) best[node] = found;
    }
  }
  return best;
}

/** Grows one tree on `rows` and adds its leaves to the margins of all rows; gains are credited to features. */
function growTree(
  bins: readonly Uint8Array[],
  rows: Uint32Array,
  derivatives: Derivatives,
  options: BoostOptions,
  margins: Float64Array,
  gains: Float64Array,
): void {
  const nodeOf = new Uint8Array(margins.length);
  let nodes = 1;
  for (let level = 0; level < options.depth; level++) {
    const questions = questionsOf(bins, rows, nodeOf, nodes, derivatives, options.leafRows);
    for (const question of questions) if (question !== undefined) gains[question.feature] += question.gain;
    for (let row = 0; row < nodeOf.length; row++) {
      const question = questions[nodeOf[row]];
      const right = question !== undefined && bins[question.feature][row] >= question.from;
      nodeOf[row] = 2 * nodeOf[row] + (right ? 1 : 0);
    }
    nodes *= 2;
  }
  const first = new Float64Array(nodes);
  const second = new Float64Array(nodes);
  for (const row of rows) {
    first[nodeOf[row]] += derivatives.first[row];
    second[nodeOf[row]] += derivatives.second[row];
  }
  const leaves = first.map((sum, node) => (-options.learningRate * sum) / (second[node] + SHRINK));
  for (let row = 0; row < margins.length; row++) margins[row] += leaves[nodeOf[row]];
}

/** Weights under which both classes of `rows` weigh the same, one per row on average. */
function classWeights(positive: Uint8Array, rows: Uint32Array): readonly [number, number] {
  const positives = rows.reduce((sum, row) => sum + positive[row], 0);
  return [rows.length / (2 * (rows.length - positives)), rows.length / (2 * positives)];
}

/**
 * Margins (log odds) of all rows from trees that saw only `rows`; gains are added to `gains` by feature.
 * `bins` come from `binned`; `positive` is 1 or 0 for each row; `rows` must hold both classes.
 */
export function boost(
  bins: readonly Uint8Array[],
  positive: Uint8Array,
  rows: Uint32Array,
  gains: Float64Array,
  options: BoostOptions = JUDGE,
): Float64Array {
  const margins = new Float64Array(positive.length);
  const derivatives = {
    first: new Float64Array(positive.length),
    second: new Float64Array(positive.length),
  };
  const weights = classWeights(positive, rows);
  for (let tree = 0; tree < options.trees; tree++) {
    for (const row of rows) {
      const chance = 1 / (1 + exp(-margins[row]));
      const weight = weights[positive[row]];
      derivatives.first[row] = weight * (chance - positive[row]);
      derivatives.second[row] = weight * chance * (1 - chance);
    }
    growTree(bins, rows, derivatives, options, margins, gains);
  }
  return margins;
}

export interface CrossValidated {
  /** Margin of every row from the trees that did not see its fold. */
  readonly margins: Float64Array;
  /** Share of all gain that each feature brought, sums to 1 (all 0 when nothing could be told apart). */
  readonly importance: Float64Array;
}

/** Scores every row by trees grown without its fold. `folds` holds each row's fold, 0..count-1. */
export function crossValidate(
  table: FeatureTable,
  positive: Uint8Array,
  folds: Uint8Array,
  count: number,
  options: BoostOptions = JUDGE,
): CrossValidated {
  const bins = binned(table);
  const margins = new Float64Array(positive.length);
  const gains = new Float64Array(table.columns.length);
  for (let fold = 0; fold < count; fold++) {
    const rows = Uint32Array.from([...folds.keys()].filter((row) => folds[row] !== fold));
    const found = boost(bins, positive, rows, gains, options);
    for (let row = 0; row < margins.length; row++) if (folds[row] === fold) margins[row] = found[row];
  }
  const total = gains.reduce((sum, gain) => sum + gain, 0);
  return { margins, importance: gains.map((gain) => (total > 0 ? gain / total : 0)) };
}
