/**
 * The chip's sorter: Batcher's odd-even merge exchange, descending. It decides which of equal cells are kept.
 *
 * A comparator swaps only when its first value is strictly smaller, so ties are settled by the wiring, not by the index.
 * Source: Knuth, The Art of Computer Programming 3, algorithm 5.2.2M (merge exchange).
 */

/** Comparators of the network for n inputs, in order, as pairs [i0, j0, i1, j1, ...] with i < j. */
export function mergeExchange(n: number): Uint16Array {
  const pairs: number[] = [];
  let top = 1;
  while (2 * top < n) top *= 2;
  for (let p = top; p >= 1; p = Math.floor(p / 2)) {
    let q = top;
    let r = 0;
    let d = p;
    for (;;) {
      for (let i = 0; i < n - d; i++) if ((i & p) === r) pairs.push(i, i + d);
      if (q === p) break;
      d = q - p;
      q /= 2;
      r = p;
    }
  }
  return Uint16Array.from(pairs);
}

const INPUTS = 48;
const NETWORK = mergeExchange(INPUTS);
/** Comparators that work on every crossing. */
export const COMPARATORS = NETWORK.length / 2;

const CHANNEL_BITS = 6;
/** Whole numbers up to here can share 31 bits with a channel. */
const LARGEST_PACKED = 2 ** (31 - CHANNEL_BITS) - 1;

/** Values with their channels below them, undefined where one does not fit. */
function packed(values: ArrayLike<number>): Int32Array | undefined {
  const pairs = new Int32Array(INPUTS);
  for (let i = 0; i < INPUTS; i++) {
    const value = values[i];
    if (value >= 0 && value <= LARGEST_PACKED && Number.isInteger(value))
      pairs[i] = (value << CHANNEL_BITS) | i;
    else return undefined;
  }
  return pairs;
}

function packedOrder(pairs: Int32Array): Uint8Array {
  for (let k = 0; k < NETWORK.length; k += 2) {
    const i = NETWORK[k];
    const j = NETWORK[k + 1];
    const first = pairs[i];
    const second = pairs[j];
    if (first >> CHANNEL_BITS >= second >> CHANNEL_BITS) continue;
    pairs[i] = second;
    pairs[j] = first;
  }
  return Uint8Array.from(pairs, (pair) => pair & (2 ** CHANNEL_BITS - 1));
}

/** Channels [48] in the order the network puts their values [48]: largest first. */
export function networkOrder(values: ArrayLike<number>): Uint8Array {
  const pairs = packed(values);
  return pairs === undefined ? widestOrder(values) : packedOrder(pairs);
}

/** The same for values that are not whole or too large to share a number with their channel. */
function widestOrder(values: ArrayLike<number>): Uint8Array {
  const sorted = Float64Array.from(values);
  const order = Uint8Array.from({ length: INPUTS }, (_, i) => i);
  for (let k = 0; k < NETWORK.length; k += 2) {
    const i = NETWORK[k];
    const j = NETWORK[k + 1];
    if (sorted[i] >= sorted[j]) continue;
    const value = sorted[i];
    sorted[i] = sorted[j];
    sorted[j] = value;
    const channel = order[i];
    order[i] = order[j];
    order[j] = channel;
  }
  return order;
}

/** Channels [n] by value, largest first; of equal ones the one of lower `rank` [n] comes first. */
export function rankOrder(values: ArrayLike<number>, rank: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => values[b] - values[a] || rank[a] - rank[b],
  );
}
