// Where the current particle crosses a plane, as harness/simulation/tracks.ts has it: straight when neutral, a helix when charged.
import { cosOfTurn, setTurn, sinOfTurn, sinTurns } from "./_elementary";

const TURN: f64 = 6.283185307179586;
const GEV_PER_CM: f64 = (0.299792458 * 3.8) / 100; // transverse momentum over radius of curvature at 3.8 T

// Of the current particle.
let pt: f64 = 0;
let sinhEta: f64 = 0;
let azimuth: f64 = 0; // turns
export let charge: f64 = 0;
export let momentum: f64 = 0;
export let cosineToBeam: f64 = 0;

/** Of the last plane asked for, cm. */
export let crossingX: f64 = 0;
export let crossingY: f64 = 0;

/** `particle`: f64 [5] of kind, pT (GeV), sinh(eta), azimuth (turns), charge. */
export function setTrack(particle: usize): void {
  pt = load<f64>(particle, 8);
  sinhEta = load<f64>(particle, 16);
  azimuth = load<f64>(particle, 24);
  charge = load<f64>(particle, 32);
  const coshEta = Math.sqrt(1 + sinhEta * sinhEta);
  momentum = pt * coshEta;
  cosineToBeam = sinhEta / coshEta;
}

export function cross(zCm: f64): void {
  const straight = zCm / sinhEta;
  let r = straight;
  let turn = azimuth;
  if (charge != 0) {
    const radius = pt / GEV_PER_CM;
    const half = (0.5 * straight) / radius / TURN;
    const sine = sinTurns(half);
    r = 2 * radius * (sine < 0 ? -sine : sine);
    turn = azimuth - charge * half + (sine < 0 ? 0.5 : 0);
  }
  setTurn(turn);
  crossingX = r * cosOfTurn;
  crossingY = r * sinOfTurn;
}
