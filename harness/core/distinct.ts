/**
 * Finds rows that were seen before. Exact: a hash only says where to look, equality of all values decides.
 *
 * -0 and 0 are equal. Values must not be NaN. Memory: 8 to 16 bytes a row beside the rows themselves.
 */

const LOAD = 0.6;

export class DistinctRows {
  #slots = new Int32Array(1024).fill(-1);
  #hashes = new Uint32Array(1024);
  #count = 0;

  /** `width`: values per row. */
  constructor(private readonly width: number) {}

  /** Distinct rows so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * True when no earlier row equals `values[offset .. offset + width]`. The row is then remembered as row `id` of `table`,
   * the array that holds all remembered rows at their ids (it may be the very array that the row is in).
   */
  add(values: Float64Array, offset: number, id: number, table: Float64Array): boolean {
    if (this.#count >= LOAD * this.#slots.length) this.#grow();
    const hash = hashRow(values, offset, this.width);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] >= 0) {
      if (this.#hashes[slot] === hash && this.#equal(values, offset, table, this.#slots[slot])) return false;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = id;
    this.#hashes[slot] = hash;
    this.#count++;
    return true;
  }

  #equal(values: Float64Array, offset: number, table: Float64Array, id: number): boolean {
    const base = id * this.width;
    for (let k = 0; k < this.width; k++) if (values[offset + k] !== table[base + k]) return false;
    return true;
  }

  #grow(): void {
    const slots = this.#slots;
    const hashes = this.#hashes;
    this.#slots = new Int32Array(2 * slots.length).fill(-1);
    this.#hashes = new Uint32Array(2 * slots.length);
    const mask = this.#slots.length - 1;
    for (let from = 0; from < slots.length; from++) {
      if (slots[from] < 0) continue;
      let to = hashes[from] & mask;
      while (this.#slots[to] >= 0) to = (to + 1) & mask;
      this.#slots[to] = slots[from];
      this.#hashes[to] = hashes[from];
    }
  }
}

/** Numbers of the rows of `width` values that no earlier row equals, in order. */
export function distinctRows(values: Float64Array, width: number): number[] {
  const seen = new DistinctRows(width);
  const first: number[] = [];
  for (let row = 0; row < values.length / width; row++)
    if (seen.add(values, row * width, row, values)) first.push(row);
  return first;
}

/** FNV-like hash over the 32-bit halves of each value, mixed so that the low bits depend on all of them. */
function hashRow(values: Float64Array, offset: number, width: number): number {
  const words = new Uint32Array(values.buffer, values.byteOffset + 8 * offset, 2 * width);
  let hash = 0x811c9dc5;
  for (let k = 0; k < words.length; k += 2) {
    // adding 0 to a value would make -0 into 0; on words: a lone sign bit is dropped
    const sum = words[k] | words[k + 1];
    const isZero = sum === 0 || (sum | 0) === -0x80000000;
    hash = Math.imul(hash ^ (isZero ? 0 : words[k]), 0x01000193);
    hash = Math.imul(hash ^ (isZero ? 0 : words[k + 1]), 0x01000193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
