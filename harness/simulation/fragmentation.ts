/**
 * Hadrons of a parton: a few splittings, then a chain of mesons.
 *
 * Chains of Field and Feynman (Nucl. Phys. B136 (1978) 1): each meson takes the share z of what is left with
 * f(z) = 1 - a + 3a (1-z)^2, a = 0.77, and a transverse kick of 0.35 GeV per quark. The splittings before that give a hard jet its
 * width (chosen: see SPLITTINGS). Shares are of transverse momentum; decays other than those of neutral pions are left out.
 */
import { cosTurns, exp, log, sinTurns, sqrt } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";
import { decayPion, particle, PDG, signedPion, type Emit } from "./particles.js";
import { sinhOf, TURN } from "./tracks.js";

const KICK_GEV = 0.35 * 1.4142135623730951; // two quarks
const FIELD_FEYNMAN_A = 0.77;
const SOFTEST_GEV = 0.4;
/** Strange and heavy mesons: what is neither a pion of the three charges nor decays to them at once. */
const NEUTRAL_HADRON_SHARE = 0.1;
const NEUTRAL_PION_SHARE = 0.3;
/** Chosen: two splittings of even z at angles spread evenly in their logarithm, a jet of radius 0.4 with a hard core. */
const SPLITTINGS = 2;
const SPLIT_ANGLES = [0.03, 0.5] as const;

export interface Parton {
  readonly pt: number;
  readonly eta: number;
  readonly turn: number;
}

function fieldFeynman(random: Rng): number {
  // Rejection below the largest value, f(0) = 1 + 2a.
  for (;;) {
    const z = random.uniform();
    const left = 1 - z;
    const f = 1 - FIELD_FEYNMAN_A + 3 * FIELD_FEYNMAN_A * left * left;
    if (random.uniform() * (1 + 2 * FIELD_FEYNMAN_A) < f) return z;
  }
}

function meson(pt: number, eta: number, turn: number, random: Rng, emit: Emit): void {
  const sinh = sinhOf(eta);
  const kind = random.uniform();
  if (kind < NEUTRAL_PION_SHARE) decayPion(pt, sinh, turn, random, emit);
  else if (kind < NEUTRAL_PION_SHARE + NEUTRAL_HADRON_SHARE) emit(particle(PDG.neutralKaon, pt, sinh, turn));
  else emit(particle(signedPion(random), pt, sinh, turn));
}

/** Hadrons of a parton that does not split. */
export function fragment({ pt, eta, turn }: Parton, random: Rng, emit: Emit): void {
  let left = pt;
  while (left > SOFTEST_GEV) {
    const own = left * fieldFeynman(random);
    left -= own;
    if (own < 0.05) continue;
    const acrossEta = (KICK_GEV * random.normal()) / sqrt(2);
    const acrossPhi = (KICK_GEV * random.normal()) / sqrt(2);
    const full = sqrt((own + 0.1) * (own + 0.1) + acrossPhi * acrossPhi);
    meson(own, eta + acrossEta / full, turn + acrossPhi / full / TURN, random, emit);
  }
}

/** Hadrons of a parton that splits before. */
export function partonShower(parton: Parton, random: Rng, emit: Emit, splittings = SPLITTINGS): void {
  if (splittings === 0) {
    fragment(parton, random, emit);
    return;
  }
  const z = random.uniform();
  const [least, most] = SPLIT_ANGLES;
  const angle = least * exp(log(most / least) * random.uniform());
  const around = random.uniform();
  const dEta = angle * cosTurns(around);
  const dTurn = (angle * sinTurns(around)) / TURN;
  const { pt, eta, turn } = parton;
  const one = { pt: z * pt, eta: eta + (1 - z) * dEta, turn: turn + (1 - z) * dTurn };
  const other = { pt: (1 - z) * pt, eta: eta - z * dEta, turn: turn - z * dTurn };
  partonShower(one, random, emit, splittings - 1);
  partonShower(other, random, emit, splittings - 1);
}
