/** The bunch-crossing header that every payload starts with: 5 bits, or 4 bits made of its top bit and its low three. */

/** Crossings in an LHC orbit. */
export const CROSSINGS_PER_ORBIT = 3564;
/** 5-bit header of crossing 0, which no other crossing can have. */
const ORBIT_START = 31;

/** 5-bit header: crossing number modulo 16, 31 at crossing 0. */
export function header5(crossing: number): number {
  return crossing === 0 ? ORBIT_START : crossing % 16;
}

/** 4-bit header: bit 4 of the 5-bit form, then its low three bits. */
export function header4(crossing: number): number {
  const wide = header5(crossing);
  return ((wide >> 4) << 3) | (wide & 7);
}
