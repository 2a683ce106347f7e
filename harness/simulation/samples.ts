/**
 * Which particles reach the neighbourhood of a module: hard ones by sample, soft ones from pileup.
 *
 * Positions are in the module's plane, cm from its centre, with the beam's direction along a drawn turn. Straight tracks:
 * no magnetic field, no material in front. Multiplicity: CMS at 13 TeV, 5.5 charged hadrons per unit eta in inelastic
 * collisions (arXiv:1507.05915), a little more forward; neutral pions half of them; transverse momenta ~ pT e^(-pT/T)
 * with a mean of 0.65 GeV.
 */
import { log, sqrt } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";
import { depositHadron, depositShower, type Target } from "./deposits.js";
import { MODULE_RADIUS_CM } from "./modulecells.js";

const CHARGED_PER_ETA = 6;
const NEUTRAL_PIONS_PER_CHARGED = 0.5;
const SOFT_TEMPERATURE_GEV = 0.325; // half of the mean pT
const TURN = 6.283185307179586;
/** Particles whose axis is farther from the module's edge leave nothing worth following. */
const SOFT_MARGIN_CM = 6;

const ELECTRON_PT_GEV = [2, 200] as const;
const ELECTRON_REACH_CM = 14;
const JET_REACH_CM = 25;
const JET_PARTICLES = 8;
const JET_RADIUS = 0.12; // spread in eta and phi
const JET_PARTICLE_PT_GEV = 4;
const JET_CHARGED_SHARE = 0.6;
const JET_PHOTON_SHARE = 0.3;

export const SAMPLES = ["electron", "ttbar"] as const;
export type Sample = (typeof SAMPLES)[number];

/** Where the module sits: distance from the beam, and the direction of the beam line's outward normal in its plane. */
export interface Place {
  readonly zCm: number;
  readonly rCm: number;
  readonly outward: readonly [number, number];
}

/** Distance from the beam line of a point of the module's plane. */
export function radiusAt(place: Place, x: number, y: number): number {
  const along = place.rCm + x * place.outward[0] + y * place.outward[1];
  const across = y * place.outward[0] - x * place.outward[1];
  return sqrt(along * along + across * across);
}

/** cosh(eta) of a point at radius r and height z: its distance from the origin over r. */
export function coshEtaAt(rCm: number, zCm: number): number {
  return sqrt(1 + (zCm / rCm) * (zCm / rCm));
}

function inDisc(radius: number, random: Rng): [number, number] {
  for (;;) {
    const x = 2 * random.uniform() - 1;
    const y = 2 * random.uniform() - 1;
    if (x * x + y * y <= 1) return [radius * x, radius * y];
  }
}

function electron(target: Target, place: Place, random: Rng): void {
  const [low, high] = ELECTRON_PT_GEV;
  const pt = low + (high - low) * random.uniform();
  const [x, y] = inDisc(ELECTRON_REACH_CM, random);
  const energy = pt * coshEtaAt(radiusAt(place, x, y), place.zCm);
  depositShower(target, x, y, energy, "electron", random);
}

function jet(target: Target, place: Place, random: Rng): void {
  const [axisX, axisY] = inDisc(JET_REACH_CM, random);
  const spreadCm = JET_RADIUS * place.rCm;
  const particles = 1 + random.poisson(JET_PARTICLES);
  for (let i = 0; i < particles; i++) {
    const x = axisX + spreadCm * random.normal();
    const y = axisY + spreadCm * random.normal();
    const pt = JET_PARTICLE_PT_GEV * random.exponential();
    const energy = pt * coshEtaAt(radiusAt(place, x, y), place.zCm);
    const kind = random.uniform();
    if (kind < JET_PHOTON_SHARE) depositShower(target, x, y, energy, "photon", random);
    else depositHadron(target, x, y, energy, kind < JET_PHOTON_SHARE + JET_CHARGED_SHARE, random);
  }
}

/** Leaves the hard particles of `sample` near the module. */
export function depositHard(target: Target, place: Place, sample: Sample, random: Rng): void {
  if (sample === "electron") electron(target, place, random);
  else jet(target, place, random);
}

function softPt(random: Rng): number {
  return SOFT_TEMPERATURE_GEV * (random.exponential() + random.exponential());
}

/** Density of charged particles per cm2 at radius r for one interaction: dN/deta over 2 pi r dr. */
function chargedPerCm2(rCm: number, zCm: number): number {
  const etaPerCm = zCm / (rCm * sqrt(rCm * rCm + zCm * zCm));
  return (CHARGED_PER_ETA * etaPerCm) / (TURN * rCm);
}

/** Leaves the soft particles of a mean number of `interactions` in and around the module. */
export function depositSoft(target: Target, place: Place, interactions: number, random: Rng): void {
  if (interactions === 0) return;
  const reach = MODULE_RADIUS_CM + SOFT_MARGIN_CM;
  const nearest = Math.max(1, place.rCm - reach);
  const densest = interactions * chargedPerCm2(nearest, place.zCm);
  const mean = densest * (TURN / 2) * reach * reach * (1 + NEUTRAL_PIONS_PER_CHARGED);
  const candidates = random.poisson(mean);
  for (let i = 0; i < candidates; i++) {
    const [x, y] = inDisc(reach, random);
    const r = radiusAt(place, x, y);
    // Thinned from the densest edge to the density at the particle's own place.
    const kept = (interactions * chargedPerCm2(r, place.zCm)) / densest;
    if (random.uniform() >= kept) continue;
    const energy = softPt(random) * coshEtaAt(r, place.zCm);
    if (random.uniform() < 1 / (1 + NEUTRAL_PIONS_PER_CHARGED)) {
      depositHadron(target, x, y, energy, true, random);
    } else {
      // A neutral pion: two photons that share its energy, close enough to have one axis here.
      const share = random.uniform();
      depositShower(target, x, y, share * energy, "photon", random);
      depositShower(target, x, y, (1 - share) * energy, "photon", random);
    }
  }
}

/** Pseudorapidity of a point at radius r and height z. */
export function etaAt(rCm: number, zCm: number): number {
  const slope = zCm / rCm;
  return log(slope + sqrt(1 + slope * slope));
}
