/**
 * Modules as training batches: normalised pictures in, targets, the charges that the exact EMD compares, weights.
 *
 * Pictures are made batch by batch from the charges, so that a set costs its table and little more. Normalisation is by the top
 * bit of the module sum; the input is rounded as the encoder will see it, the target is not.
 */
import { rng } from "../core/rng.js";
import { CALQ_PER_MIPT, CELLS, type ModuleTable } from "../core/table.js";
import { pixelsOf, roundInput, type InputRounding, type PixelOrder } from "./picture.js";
import { moduleSums, type Targets } from "./trainrules.js";

/** `rows` examples, row-major. */
export interface Batch {
  readonly rows: number;
  /** [rows, inputs] */
  readonly input: Float32Array;
  /** [rows, pixels] */
  readonly target: Float32Array;
  /** [rows, 48]: the target's charges in training order; all zero where the target is. */
  readonly cells: Float64Array;
  /** [rows]; absent when all are 1. */
  readonly weights?: Float32Array;
}

/** Anything that gives batches: modules, or their latents when only a decoder is trained. */
export interface BatchSource {
  readonly rows: number;
  /** Rows of the set by number. */
  batch(rows: Int32Array): Batch;
}

export interface PictureFormat {
  readonly order: PixelOrder;
  readonly rounding: InputRounding;
  readonly pixels: number;
}

/** 2^floor(log2 sum) for positive sums. */
export function topBitOf(sum: number): number {
  let top = 1;
  while (2 * top <= sum) top *= 2;
  while (top > sum) top /= 2;
  return top;
}

export class TrainSet implements BatchSource {
  readonly #pixels: readonly number[];
  readonly #sums: Float64Array;

  constructor(
    readonly table: Pick<ModuleTable, "calq" | "rows">,
    readonly targets: Pick<Targets, "empty" | "leastPixel">,
    /** Rows of the table that are in this set. */
    readonly members: Int32Array,
    readonly format: PictureFormat,
    /** [table rows], or none when all weigh the same. */
    readonly weights?: Float32Array,
  ) {
    this.#pixels = pixelsOf(format.order);
    this.#sums = moduleSums(table);
  }

  get rows(): number {
    return this.members.length;
  }

  batch(rows: Int32Array): Batch {
    const { pixels } = this.format;
    const input = new Float32Array(rows.length * pixels);
    const target = new Float32Array(rows.length * pixels);
    const cells = new Float64Array(rows.length * CELLS);
    rows.forEach((row, i) => {
      this.#fill(this.members[row], i, input, target, cells);
    });
    const { weights } = this;
    const batch = { rows: rows.length, input, target, cells };
    return weights === undefined
      ? batch
      : { ...batch, weights: Float32Array.from(rows, (row) => weights[this.members[row]]) };
  }

  #fill(row: number, to: number, input: Float32Array, target: Float32Array, cells: Float64Array): void {
    const { rounding, pixels } = this.format;
    const top = topBitOf(this.#sums[row]);
    const { empty, leastPixel } = this.targets;
    for (let cell = 0; cell < CELLS; cell++) {
      const charge = this.table.calq[row * CELLS + cell];
      const share = charge / top;
      const at = to * pixels + this.#pixels[cell];
      input[at] = roundInput(share, rounding);
      if (empty[row] === 1 || share < leastPixel) continue;
      target[at] = share;
      cells[to * CELLS + cell] = charge;
    }
  }
}

/** 32-bit FNV-1a of the charges as little-endian uint16 (rounded, saturating). */
function contentHash(calq: Float64Array, row: number): number {
  let hash = 0x811c9dc5;
  for (let i = row * CELLS; i < (row + 1) * CELLS; i++) {
    const count = Math.min(65535, Math.round(calq[i]));
    hash = Math.imul(hash ^ (count & 255), 0x01000193);
    hash = Math.imul(hash ^ (count >> 8), 0x01000193);
  }
  return hash >>> 0;
}

const LEAST_EVENTS = 20;

/** What keeps rows together: the event where the table says it of enough of them, else the content, so that copies never part. */
function groupKeys(table: ModuleTable): Float64Array {
  const events = table.labels.get("entry");
  if (events !== undefined && new Set(events).size >= LEAST_EVENTS) return events;
  return Float64Array.from({ length: table.rows }, (_, row) => contentHash(table.calq, row));
}

export interface Split {
  readonly training: Int32Array;
  readonly validation: Int32Array;
}

/** Rows by a seeded draw for each event (or each distinct content): `share` of them for validation. */
export function splitRows(table: ModuleTable, rows: Int32Array, seed: number, share: number): Split {
  const keys = groupKeys(table);
  const isHeld = new Map<number, boolean>();
  const held = (row: number): boolean => {
    const key = keys[row];
    const known = isHeld.get(key);
    if (known !== undefined) return known;
    const drawn = rng(seed, Math.abs(Math.trunc(key))).uniform() < share;
    isHeld.set(key, drawn);
    return drawn;
  };
  return { training: rows.filter((row) => !held(row)), validation: rows.filter((row) => held(row)) };
}

const MOST_WEIGHT = 10;

/**
 * Occupancy reweighting: each row weighs the mean count of the occupancy bins over its own bin's count, at most 10 times the
 * average, and the mean over `rows` is 1. Occupancy is the number of cells above 1 MIP_T.
 */
export function occupancyWeights(table: ModuleTable, rows: Int32Array): Float32Array {
  const occupancy = Uint8Array.from({ length: table.rows }, (_, row) => {
    let cells = 0;
    for (let i = row * CELLS; i < (row + 1) * CELLS; i++) if (table.calq[i] > CALQ_PER_MIPT) cells++;
    return cells;
  });
  const counts = new Float64Array(CELLS + 1);
  for (const row of rows) counts[occupancy[row]]++;
  const average = rows.length / counts.filter((count) => count > 0).length;
  const weights = new Float32Array(table.rows);
  let total = 0;
  for (const row of rows) {
    weights[row] = Math.min(MOST_WEIGHT, average / counts[occupancy[row]]);
    total += weights[row];
  }
  return weights.map((weight) => (weight * rows.length) / total);
}

/** The order in which an epoch visits `rows` examples: a permutation that depends on seed and epoch alone. */
export function epochOrder(rows: number, seed: number, epoch: number): Int32Array {
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  const random = rng(seed, epoch);
  for (let i = rows - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
