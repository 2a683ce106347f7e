/**
 * How a latent becomes bits. Three conventions are in use, and what they call "bits" differs:
 *
 * "cmssw": `bits` are fractional, rounded, and the value is not clipped: whole bits must be sent too, and they are counted here;
 * values beyond them saturate. "clipped": the same step, clipped to [0, 2): one whole bit. "chip": `bits` are all bits of a value
 * in [0, 2), floored (one whole, the rest fractional), as in the ECON-T and in qKeras.
 */
export const LATENT_CONVENTIONS = ["chip", "cmssw", "clipped"] as const;
export type LatentConvention = (typeof LATENT_CONVENTIONS)[number];

export interface LatentFormat {
  /** Bits of one latent on the link. */
  readonly bits: number;
  code(value: number): number;
  value(code: number): number;
}

/** `bits` as the convention means them; `wholeBits` is read by "cmssw" alone. */
export function latentFormat(convention: LatentConvention, bits: number, wholeBits: number): LatentFormat {
  const whole = convention === "cmssw" ? wholeBits : 1;
  const fraction = convention === "chip" ? bits - 1 : bits;
  const step = 2 ** fraction;
  const largest = 2 ** (whole + fraction) - 1;
  const half = convention === "chip" ? 0 : 0.5;
  return {
    bits: whole + fraction,
    code: (value) => Math.min(largest, Math.max(0, Math.floor(value * step + half))),
    value: (code) => code / step,
  };
}
