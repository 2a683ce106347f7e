/** From MIPs in the silicon to CALQ counts, as the chip does it: noise, threshold, 7-bit float code, 12-bit calibration by 1/cosh(eta). */
import { sqrt } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";
import { calibrate, CALIBRATION_ONE, densityDrop } from "../chip/calibration.js";
import { CODE_4E3M, dropBits, encodeFloat } from "../chip/floatcodes.js";
import type { Silicon } from "./detector.js";

export interface FrontEnd {
  /** Noise of one sensor cell after pedestal subtraction, counts of 100/1024 fC; adds in quadrature over a trigger cell. */
  readonly noiseCounts: number;
  /** Trigger cells below this many standard deviations of their noise are sent as zero (the HGCROC's trigger threshold). */
  readonly thresholdSigma: number;
}

/** CALQ [48] of a module; `coshEta` [48] belongs to the cells. */
export function digitise(
  mips: Float64Array,
  coshEta: Float64Array,
  silicon: Silicon,
  frontEnd: FrontEnd,
  random: Rng,
): Float64Array {
  const noise = frontEnd.noiseCounts * sqrt(silicon.cells);
  const threshold = frontEnd.thresholdSigma * noise;
  const drop = densityDrop(silicon.highDensity);
  const codes = mips.map((charge) => {
    const counts = charge * silicon.countsPerMip + noise * random.normal();
    return counts < threshold ? 0 : encodeFloat(dropBits(Math.floor(counts), drop), CODE_4E3M);
  });
  const factors = coshEta.map((cosh) => Math.min(4095, Math.floor(CALIBRATION_ONE / cosh + 0.5)));
  return calibrate(codes, factors, silicon.highDensity);
}
