/**
 * Where a particle from the interaction point crosses a plane: straight when neutral, a helix when charged.
 *
 * A uniform field of 3.8 T along the beam (CMS, JINST 3 (2008) S08004), up to the plane: the curl inside the calorimeter and in
 * front of it are alike. No energy loss, no scattering, interaction point at the origin.
 */
import { cosTurns, exp, log, sinTurns, sqrt } from "../core/elementary.js";

/** Radians of a turn. */
export const TURN = 6.283185307179586;
/** Transverse momentum (GeV) over radius of curvature (cm): 0.3 B[T] R[m]. */
const GEV_PER_CM = (0.299792458 * 3.8) / 100;

/** Direction of a particle at the interaction point. */
export interface Track {
  readonly pt: number;
  /** sinh(eta): height over radius of a straight track. */
  readonly sinhEta: number;
  /** Azimuth in turns. */
  readonly turn: number;
  /** -1, 0 or 1, in units of the positron's. */
  readonly charge: number;
}

export function sinhOf(eta: number): number {
  return 0.5 * (exp(eta) - exp(-eta));
}

/** Pseudorapidity of a direction whose sinh(eta) is given. */
export function etaOfSinh(sinh: number): number {
  return sinh < 0 ? -log(-sinh + sqrt(1 + sinh * sinh)) : log(sinh + sqrt(1 + sinh * sinh));
}

/** Momentum of the track, GeV. */
export function momentumOf({ pt, sinhEta }: Track): number {
  return pt * sqrt(1 + sinhEta * sinhEta);
}

/** Cosine of a straight track's angle to the beam: tanh(eta). */
export function cosineOf({ sinhEta }: Track): number {
  return sinhEta / sqrt(1 + sinhEta * sinhEta);
}

/** Radius (cm) and azimuth (turns) at height z of the point where the track is; both are written into `out`. */
export function crossing(track: Track, zCm: number, out: { rCm: number; turn: number }): void {
  const straight = zCm / track.sinhEta;
  if (track.charge === 0) {
    out.rCm = straight;
    out.turn = track.turn;
    return;
  }
  // A chord of the circle: half of the angle turned through, in the sense of the charge (field along +z).
  const radius = track.pt / GEV_PER_CM;
  const half = (0.5 * straight) / radius / TURN;
  const sine = sinTurns(half);
  out.rCm = 2 * radius * (sine < 0 ? -sine : sine);
  out.turn = track.turn - track.charge * half + (sine < 0 ? 0.5 : 0);
}

/** Cartesian crossing, written into `out`. */
export function crossingPoint(track: Track, zCm: number, out: { x: number; y: number }): void {
  crossing(track, zCm, polar);
  out.x = polar.rCm * cosTurns(polar.turn);
  out.y = polar.rCm * sinTurns(polar.turn);
}

const polar = { rCm: 0, turn: 0 };
