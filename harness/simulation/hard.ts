/**
 * Hard particles of an event by sample: one electron or photon, a jet, or the jets and leptons of a top pair.
 *
 * Top pairs are b and light quarks of two tops of falling pT, spread in eta about the top and even in phi: their kinematics
 * matter only as a source of jets, leptons and soft particles of the right kind.
 */
import { exp, log } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";
import { partonShower, type Parton } from "./fragmentation.js";
import { particle, PDG, type Emit } from "./particles.js";
import { softInteraction } from "./soft.js";
import { sinhOf, TURN } from "./tracks.js";

export const SAMPLES = ["electron", "photon", "jet", "ttbar"] as const;
export type Sample = (typeof SAMPLES)[number];

/** Ranges of transverse momentum (GeV) are of the one hard particle or parton, of a top pair of each of its partons. */
export interface HardEvent {
  readonly sample: Sample;
  readonly lowestPt: number;
  readonly highestPt: number;
  /** Activity of the hard event's own soft particles, in minimum-bias interactions. */
  readonly underlying: number;
}

const LOWEST_ETA = 1.5;
const HIGHEST_ETA = 3;

function between(low: number, high: number, random: Rng): number {
  return low + (high - low) * random.uniform();
}

function single(event: HardEvent, random: Rng): Parton {
  return {
    pt: between(event.lowestPt, event.highestPt, random),
    eta: between(LOWEST_ETA, HIGHEST_ETA, random),
    turn: random.uniform(),
  };
}

/** Falling as pT^-4 from the lowest to the highest pT. */
function jet(event: HardEvent, random: Rng): Parton {
  const low = 1 / (event.lowestPt * event.lowestPt * event.lowestPt);
  const high = 1 / (event.highestPt * event.highestPt * event.highestPt);
  const pt = exp(-log(low + (high - low) * random.uniform()) / 3);
  return { ...single(event, random), pt };
}

/** Chosen: quarks of a top pair and their radiation, central within 1.2 units of eta, 45 and 12 GeV of pT above the lowest. */
const TOP_ETA_WIDTH = 1.2;
const QUARK_ETA_WIDTH = 0.8;
const QUARK_PT_GEV = 45;
const RADIATED_JETS = 1.5;
const RADIATION_PT_GEV = 12;
const RADIATION_ETA_WIDTH = 2;
/** W to e, mu or tau and a neutrino: 3 x 10.86 % (Particle Data Group); here always to e or mu. */
const LEPTONIC_SHARE = 0.326;

/** A parton of exponentially falling pT, spread about `eta`. */
function parton(event: HardEvent, meanGev: number, eta: number, width: number, random: Rng): Parton {
  const pt = event.lowestPt + meanGev * random.exponential();
  return { pt: Math.min(event.highestPt, pt), eta: eta + width * random.normal(), turn: random.uniform() };
}

function topDecay(event: HardEvent, random: Rng, emit: Emit): void {
  const eta = TOP_ETA_WIDTH * random.normal();
  const quark = (): Parton => parton(event, QUARK_PT_GEV, eta, QUARK_ETA_WIDTH, random);
  partonShower(quark(), random, emit);
  const first = quark();
  if (random.uniform() < LEPTONIC_SHARE) {
    const flavour = random.uniform() < 0.5 ? PDG.electron : PDG.muon;
    emit(particle(random.bits() % 2 === 0 ? flavour : -flavour, first.pt, sinhOf(first.eta), first.turn));
    return;
  }
  partonShower(first, random, emit);
  partonShower(quark(), random, emit);
}

function topPair(event: HardEvent, random: Rng, emit: Emit): void {
  topDecay(event, random, emit);
  topDecay(event, random, emit);
  const radiated = random.poisson(RADIATED_JETS);
  for (let i = 0; i < radiated; i++)
    partonShower(parton(event, RADIATION_PT_GEV, 0, RADIATION_ETA_WIDTH, random), random, emit);
}

/** Photons radiated in the tracker, displaced by the electron's bend: 0.5 X0 in front (technical proposal, rough mean). */
const TRACKER_X0 = 0.5;
const LEAST_RADIATED = 0.02;

/** An electron after the tracker: each photon takes a share with density 4/(3k), from the least one up. */
function electron({ pt, eta, turn }: Parton, random: Rng, emit: Emit): void {
  const sinh = sinhOf(eta);
  let left = pt;
  const photons = random.poisson((4 / 3) * TRACKER_X0 * -log(LEAST_RADIATED));
  const charge = random.bits() % 2 === 0 ? 1 : -1;
  for (let i = 0; i < photons; i++) {
    const share = exp(log(LEAST_RADIATED) * random.uniform());
    // Emitted on the way: the bend in azimuth up to there, about 1.1 m of radius at most, is in the track of a charged one.
    const radius = 100 * random.uniform();
    const bend = (charge * 0.5 * 0.0114 * radius) / left / TURN;
    emit(particle(PDG.photon, share * left, sinh, turn - bend));
    left *= 1 - share;
  }
  emit(particle(-charge * PDG.electron, left, sinh, turn));
}

/** Emits the hard event's particles, those of its underlying event included; the one parton or particle it began with, if one. */
export function hardEvent(event: HardEvent, random: Rng, emit: Emit): Parton | undefined {
  const first = begin(event, random, emit);
  if (event.underlying > 0) softInteraction(event.underlying, random, emit);
  return first;
}

function begin(event: HardEvent, random: Rng, emit: Emit): Parton | undefined {
  if (event.sample === "ttbar") {
    topPair(event, random, emit);
    return undefined;
  }
  const first = event.sample === "jet" ? jet(event, random) : single(event, random);
  if (event.sample === "electron") electron(first, random, emit);
  else if (event.sample === "photon") emit(particle(PDG.photon, first.pt, sinhOf(first.eta), first.turn));
  else partonShower(first, random, emit);
  return first;
}
