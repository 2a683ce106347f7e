/**
 * The recorded transport problems, rebuilt: reads the stored modules and derives the others from the same hash as record.py.
 * It holds no expected values and runs no kernel; pot.test.ts does.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import manifestText from "./manifest.json" with { type: "json" };

export const manifest = manifestText;

export interface Problem {
  readonly supply: Float64Array;
  readonly demand: Float64Array;
  /** [supply, demand], row-major. */
  readonly cost: Float64Array;
}

interface StoredFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The bytes of a recorded file; throws when they are not the recorded ones. */
export function recorded(stored: StoredFile): Buffer {
  const bytes = readFileSync(new URL(stored.file, import.meta.url));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== stored.sha256 || bytes.length !== stored.bytes) {
    throw new Error(`${stored.file}: wrong content: expected sha256 ${stored.sha256}, got ${sha256}`);
  }
  return bytes;
}

export function recordedValues(stored: StoredFile): Float64Array {
  const bytes = recorded(stored);
  return Float64Array.from({ length: bytes.length / 8 }, (_, k) => bytes.readDoubleLE(8 * k));
}

/** Whole counts of both sides of every module pair, [pairs, 48] each. */
export function modulePairs(): { readonly original: Float64Array; readonly restored: Float64Array } {
  const raw = gunzipSync(recorded(manifest.modules.counts));
  const pairs = manifest.modules.problems;
  const side = (which: number): Float64Array =>
    Float64Array.from({ length: 48 * pairs }, (_, k) =>
      raw.readUInt32LE(4 * (96 * Math.floor(k / 48) + 48 * which + (k % 48))),
    );
  return { original: side(0), restored: side(1) };
}

function mixed(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The words of one problem, in order; see `draw` in record.py. */
class Words {
  readonly #base: number;
  #used = 0;

  constructor(seed: number, problem: number) {
    this.#base = mixed((mixed(seed) + problem) | 0);
  }

  below(n: number): number {
    this.#used++;
    return mixed((this.#base + Math.imul(this.#used, 0x9e3779b9)) | 0) % n;
  }

  list(length: number, n: number): number[] {
    return Array.from({ length }, () => this.below(n));
  }
}

function sumOf(values: readonly number[] | Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Both sides brought to the same sum, exactly: products of whole numbers below 2^53. */
export function balanced(
  p: readonly number[] | Float64Array,
  q: readonly number[] | Float64Array,
): [Float64Array, Float64Array] {
  const pTotal = sumOf(p);
  const qTotal = sumOf(q);
  return [Float64Array.from(p, (x) => x * qTotal), Float64Array.from(q, (y) => y * pTotal)];
}

function matrix(n: number, m: number, at: (i: number, j: number) => number): Float64Array {
  return Float64Array.from({ length: n * m }, (_, k) => at(Math.floor(k / m), k % m));
}

export function generalProblem(problem: number): Problem {
  const words = new Words(manifest.seeds.general, problem);
  const kind = manifest.general.kinds[problem % manifest.general.kinds.length];
  const largest = problem % 8 < 4 ? 64 : 12;
  const n = 1 + words.below(largest);
  const m = 1 + words.below(largest);
  const levels = kind === "ties" || kind === "line" ? 4 : 1000;
  const p = words.list(n, levels);
  const q = words.list(m, levels);
  p[0] += 1;
  q[0] += 1;
  const [supply, demand] = balanced(p, q);
  if (kind === "ties") return { supply, demand, cost: matrix(n, m, () => words.below(5)) };
  if (kind === "arbitrary")
    return { supply, demand, cost: matrix(n, m, () => words.below(2 ** 32) / 2 ** 32) };
  const coordinates = (count: number): [number[], number[]] => [
    words.list(count, 1024),
    kind === "points" ? words.list(count, 1024) : new Array<number>(count).fill(0),
  ];
  const [x, y] = coordinates(n);
  const [s, t] = coordinates(m);
  return { supply, demand, cost: matrix(n, m, (i, j) => Math.sqrt((x[i] - s[j]) ** 2 + (y[i] - t[j]) ** 2)) };
}

function raised(d: number, exponent: number): number {
  if (exponent === 0.5) return Math.sqrt(d);
  if (exponent === 1) return d;
  if (exponent === 1.5) return d * Math.sqrt(d);
  return exponent === 2 ? d * d : d * d * (d * d);
}

/** The event pair of that number in the grid, whose last index (repetitions) runs fastest. */
export function eventProblem(problem: number): Problem {
  const { sums, dimensions, radii, exponents, sizes, events } = manifest.events.grid;
  let rest = Math.floor(problem / events);
  const pick = <T>(values: readonly T[]): T => {
    const value = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    return value;
  };
  const size = pick(sizes);
  const exponent = pick(exponents);
  const radius = pick(radii);
  const dimension = pick(dimensions);
  const kind = pick(sums);
  const words = new Words(manifest.seeds.events, problem);
  const n = size;
  const m = Math.max(1, size - words.below(3));
  const p = words.list(n, 500).map((x) => x + 1);
  const q = words.list(m, 500).map((x) => x + 1);
  const from = Array.from({ length: n }, () => words.list(dimension, 1000));
  const to = Array.from({ length: m }, () => words.list(dimension, 1000));
  const between = (i: number, j: number): number => {
    const squared = from[i].reduce((sum, x, axis) => sum + (x - to[j][axis]) ** 2, 0);
    return raised(Math.sqrt(squared) / radius, exponent);
  };
  if (kind === "equal") {
    const [supply, demand] = balanced(p, q);
    return { supply, demand, cost: matrix(n, m, between) };
  }
  const excess = sumOf(p) - sumOf(q);
  const supply = Float64Array.from(excess < 0 ? [...p, -excess] : p);
  const demand = Float64Array.from(excess > 0 ? [...q, excess] : q);
  const cost = matrix(supply.length, demand.length, (i, j) => (i === n || j === m ? 1 : between(i, j)));
  return { supply, demand, cost };
}

/** sha256 over the little-endian float64 masses and costs of problems 0..count-1, as record.py took it. */
export function inputsDigest(count: number, problemAt: (problem: number) => Problem): string {
  const hash = createHash("sha256");
  for (let problem = 0; problem < count; problem++) {
    const { supply, demand, cost } = problemAt(problem);
    for (const part of [supply, demand, cost]) hash.update(littleEndian(part));
  }
  return hash.digest("hex");
}

export function littleEndian(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (let k = 0; k < values.length; k++) view.setFloat64(8 * k, values[k], true);
  return bytes;
}
