/**
 * Where the ATLAS calorimeters stand, and what that does to a jet's variables.
 *
 * Radii and distances: JINST 3 S08003: LAr barrel 1.5 to 2.0 m and tile barrel 2.3 to 3.9 m from the beam; LAr endcap (EMEC) from
 * 3.7 m, hadronic endcap (HEC, 1.5 < |eta| < 3.2) from 4.3 m, forward (FCal, |eta| > 3.2) from 4.7 m along it. The centroids used
 * here are where showers deposit inside those.
 */
import { exp, sqrt } from "../../core/elementary.js";

const BARREL_EM_MM = 1600;
const BARREL_HADRONIC_MM = 2590;
const ENDCAP_EM_MM = 3830;
const ENDCAP_HADRONIC_MM = 4680;
const FORWARD_EM_MM = 4900;
const FORWARD_HADRONIC_MM = 5300;
const BARREL_END = 1.45;
const ENDCAP_END = 3.2;
/** The tile's extended barrel stands before the hadronic endcap up to here. */
const TILE_END = 1.7;

const cosh = (eta: number): number => (exp(eta) + exp(-eta)) / 2;
const tanhAbsolute = (eta: number): number => {
  const fall = exp(-2 * Math.abs(eta));
  return (1 - fall) / (1 + fall);
};

/** Distance from the origin of a jet's energy centroid, mm. */
export function centroidRadius(eta: number, emFraction: number): number {
  const em = Math.min(1.1, Math.max(-0.1, emFraction));
  const between = (inner: number, outer: number): number => em * inner + (1 - em) * outer;
  const size = Math.abs(eta);
  if (size < BARREL_END) return between(BARREL_EM_MM, BARREL_HADRONIC_MM) * cosh(eta);
  return size < ENDCAP_END
    ? between(ENDCAP_EM_MM, ENDCAP_HADRONIC_MM) / tanhAbsolute(eta)
    : between(FORWARD_EM_MM, FORWARD_HADRONIC_MM) / tanhAbsolute(eta);
}

/** Share of a jet's hadronic energy that the hadronic endcap sees. */
export function hadronicEndcapShare(eta: number): number {
  const size = Math.abs(eta);
  if (size <= BARREL_END || size >= ENDCAP_END) return 0;
  return Math.min(1, sqrt((size - BARREL_END) / (TILE_END - BARREL_END)));
}
