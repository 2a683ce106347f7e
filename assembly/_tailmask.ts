// Lanes of the last, incomplete vector of a run.

const MASKS: usize = memory.data<i32>([0, 0, 0, 0, -1, 0, 0, 0, -1, -1, 0, 0, -1, -1, -1, 0], 16);

/** All bits set in the first `count` (0..3) of four lanes. */
@inline
export function firstLanes(count: usize): v128 {
  return v128.load(MASKS + (count << 4));
}
