/**
 * Point clouds that this project and the recording script (record.py) both make from whole numbers and powers of two: the same
 * float32 coordinates and weights on both sides.
 */
export interface CloudSpec {
  readonly name: string;
  readonly points: number;
  readonly pitch: number;
  readonly spread: number;
}

const MASK = 2 ** 31 - 1;
const CLUMPS = 12;

/** a * b mod 2^31 of two whole numbers below 2^31 and 2^17. */
function multiply(a: number, b: number): number {
  return Math.imul(a, b) & MASK;
}

/** A hash of two whole numbers to 0..2^31-1. */
function draw(i: number, k: number): number {
  let x = (i * 7919 + k * 104729 + 12345) & MASK;
  for (let round = 0; round < 3; round++) {
    x = multiply(x ^ (x >> 13), 40503);
    x = (x ^ (x >> 7)) & MASK;
  }
  return x;
}

export interface OracleCloud {
  readonly points: Float32Array;
  readonly weights: Float32Array;
  readonly part: Uint8Array;
}

export function oracleCloud({ points: n, pitch, spread }: CloudSpec): OracleCloud {
  const points = Float32Array.from({ length: 2 * n }, (_, at) => {
    const i = Math.floor(at / 2);
    const axis = 1 + (at % 2);
    const middle = draw(draw(i, 0) % CLUMPS, 10 + axis) % pitch;
    return (middle + (draw(i, axis) % (2 * spread + 1)) - spread) / pitch - 0.5;
  });
  return {
    points,
    weights: Float32Array.from({ length: n }, (_, i) => (draw(i, 5) % 64) / 8),
    part: Uint8Array.from({ length: n }, (_, i) => draw(i, 6) % 2),
  };
}
