// Status codes that every kernel returns; the host's names for them are in harness/core/kernel.ts (STATUS).
export const OK: i32 = 0;
export const BAD_SHAPE: i32 = 1;
export const NON_FINITE: i32 = 2;
export const NEGATIVE: i32 = 3;
export const MASS: i32 = 4;
export const NOT_CONVERGED: i32 = 5;
export const NO_MEMORY: i32 = 6;
// Row statuses of kernels that compare an original with a restored row.
export const EMPTY_IN: i32 = 7;
export const EMPTY_OUT: i32 = 8;
