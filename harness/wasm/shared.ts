/**
 * Arrays that worker threads see without a copy, and the staging area for those that they do not.
 *
 * A caller that fills `sharedArray`s saves one copy of its inputs per job.
 */
import { BYTES_PER, type Dtype, type NumericArray } from "../core/kernel.js";
import { ALIGNMENT } from "./layout.js";

/** A zero-filled array of `count` values that all threads share. */
export function sharedArray(dtype: Dtype, count: number): NumericArray {
  return over(new SharedArrayBuffer(count * BYTES_PER[dtype]), 0, dtype, count);
}

export function isShared(values: NumericArray): boolean {
  return typeof SharedArrayBuffer !== "undefined" && values.buffer instanceof SharedArrayBuffer;
}

function over(buffer: SharedArrayBuffer, offset: number, dtype: Dtype, count: number): NumericArray {
  switch (dtype) {
    case "f64":
      return new Float64Array(buffer, offset, count);
    case "f32":
      return new Float32Array(buffer, offset, count);
    case "i32":
      return new Int32Array(buffer, offset, count);
    case "u32":
      return new Uint32Array(buffer, offset, count);
    case "u16":
      return new Uint16Array(buffer, offset, count);
    case "u8":
      return new Uint8Array(buffer, offset, count);
  }
}

/** A constant array on shared memory, copied there once in its life, and the number that all threads know it by. */
export interface SharedConstant {
  readonly values: NumericArray;
  readonly id: number;
}

const constants = new WeakMap<NumericArray, SharedConstant>();
let numbered = 0;

export function sharedConstant(values: NumericArray, dtype: Dtype): SharedConstant {
  let found = constants.get(values);
  if (found === undefined) {
    const shared = isShared(values) ? values : sharedArray(dtype, values.length);
    if (shared !== values) shared.set(values);
    found = { values: shared, id: numbered++ };
    constants.set(values, found);
  }
  return found;
}

export interface StagedArray {
  readonly dtype: Dtype;
  readonly count: number;
}

/** One block of shared memory that successive jobs use again, so that its pages are touched once. */
export class Staging {
  #block = new SharedArrayBuffer(0);

  /** Arrays with the given types and lengths, in order; contents are left from earlier jobs. Valid until the next call. */
  arrays(wanted: readonly StagedArray[]): NumericArray[] {
    const offsets: number[] = [];
    let end = 0;
    for (const { dtype, count } of wanted) {
      offsets.push(end);
      end = Math.ceil((end + count * BYTES_PER[dtype]) / ALIGNMENT) * ALIGNMENT;
    }
    if (end > this.#block.byteLength) this.#block = new SharedArrayBuffer(end);
    return wanted.map(({ dtype, count }, i) => over(this.#block, offsets[i], dtype, count));
  }
}
