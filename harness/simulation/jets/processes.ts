/**
 * Hard processes of proton collisions at 13 TeV as partons, leptons and photons: masses and branching fractions of the Particle Data
 * Group (2022), spectra as falling powers of the transverse momentum, decays isotropic in the parent's rest frame.
 *
 * Processes and their cuts are those of arXiv:2105.14027; matrix elements are not: neither spins nor colours are followed.
 */
import { exp, pow, sqrt } from "../../core/elementary.js";
import type { Rng } from "../../core/rng.js";
import { added, decay, fromTransverse, massOf, scaled, transverseOf, type Momentum } from "./momentum.js";

export const PROCESSES = ["njets", "ttbar", "atop", "gluino"] as const;
export type Process = (typeof PROCESSES)[number];

export interface Particle {
  readonly kind: "quark" | "bottom" | "electron" | "muon" | "photon" | "unseen";
  /** Of leptons. */
  readonly charge: -1 | 0 | 1;
  readonly momentum: Momentum;
}

const TOP = 172.5;
const W = 80.4;
const BOTTOM = 4.8;
/** Gluinos decay by way of off-shell tops into a top pair and the lightest neutralino. */
const GLUINO = 1000;
const NEUTRALINO = 100;
/** W to electron, muon, tau and their neutrinos; the rest goes into quarks. */
const W_LEPTON = 0.108;
/** Tau to electron or muon with two neutrinos, each. */
const TAU_LEPTON = 0.176;

const particle = (kind: Particle["kind"], momentum: Momentum, charge: Particle["charge"] = 0): Particle => ({
  kind,
  charge,
  momentum,
});

/** pT above `least` with density falling as pT^-(power + 1). */
function falling(least: number, power: number, random: Rng): number {
  return least * pow(1 - random.uniform(), -1 / power);
}

/** Rapidity-like spread of a hard scattering. */
const central = (spread: number, random: Rng): number => spread * random.normal();

/** Two partons back to back in the plane, of equal pT. */
function pair(
  pt: number,
  spread: number,
  masses: readonly [number, number],
  random: Rng,
): [Momentum, Momentum] {
  const boost = central(spread, random);
  const half = central(0.8, random);
  const turn = random.uniform();
  return [
    fromTransverse(pt, boost + half, turn, masses[0]),
    fromTransverse(pt, boost - half, turn + 0.5, masses[1]),
  ];
}

/** A tau: its lepton, or its hadrons as a narrow jet; the rest is unseen. */
function tauDecay(tau: Momentum, charge: -1 | 1, random: Rng): Particle[] {
  const kind = random.uniform();
  const isHadronic = kind >= 2 * TAU_LEPTON;
  const seen = isHadronic ? 0.35 + 0.6 * random.uniform() : 0.15 + 0.5 * random.uniform();
  const what = isHadronic ? "quark" : kind < TAU_LEPTON ? "electron" : "muon";
  return [
    particle(what, scaled(tau, seen), isHadronic ? 0 : charge),
    particle("unseen", scaled(tau, 1 - seen)),
  ];
}

function wDecay(w: Momentum, charge: -1 | 1, random: Rng): Particle[] {
  const [first, second] = decay(w, 0, 0, random);
  const kind = random.uniform() / W_LEPTON;
  if (kind >= 3) return [particle("quark", first), particle("quark", second)];
  const neutrino = particle("unseen", second);
  if (kind >= 2) return [...tauDecay(first, charge, random), neutrino];
  return [particle(kind < 1 ? "electron" : "muon", first, charge), neutrino];
}

function topDecay(top: Momentum, charge: -1 | 1, random: Rng): Particle[] {
  const [w, bottom] = decay(top, W, BOTTOM, random);
  return [particle("bottom", bottom), ...wDecay(w, charge, random)];
}

function gluinoDecay(gluino: Momentum, random: Rng): Particle[] {
  // The mass of the two tops, evenly between its bounds.
  const least = 2 * TOP;
  const tops = least + (GLUINO - NEUTRALINO - least) * random.uniform();
  const [topPair, neutralino] = decay(gluino, tops, NEUTRALINO, random);
  const [top, antitop] = decay(topPair, TOP, TOP, random);
  return [...topDecay(top, 1, random), ...topDecay(antitop, -1, random), particle("unseen", neutralino)];
}

/** Of a parton's splitting into two jets: how often, and the range of the pair's mass over its pT (jets of R = 0.4 resolve it). */
const SPLITTING = 0.4;
const SPLIT_MASS = [0.15, 0.5] as const;

function withSplitting(parton: Momentum, random: Rng): Particle[] {
  if (random.uniform() >= SPLITTING) return [particle("quark", parton)];
  const [least, most] = SPLIT_MASS;
  const mass = least * pow(most / least, random.uniform()) * transverseOf(parton);
  const heavy = { ...parton, e: sqrt(parton.e * parton.e + mass * mass) };
  return decay(heavy, 0, 0, random).map((piece) => particle("quark", piece));
}

/** Jets from the incoming partons: as many as a Poisson number, soft and spread evenly in rapidity. */
function radiation(mean: number, random: Rng): Momentum[] {
  return Array.from({ length: random.poisson(mean) }, () =>
    fromTransverse(Math.min(1500, falling(20, 1.6, random)), 5 * random.uniform() - 2.5, random.uniform(), 0),
  );
}

/** Initial-state jets, and the hard system recoiling from them. */
function recoiling(hard: readonly Particle[], mean: number, random: Rng): Particle[] {
  const jets = radiation(mean, random);
  if (jets.length === 0) return [...hard];
  const away = scaled(jets.reduce(added), -1);
  const energy = hard.reduce((sum, { momentum }) => sum + momentum.e, 0);
  const moved = hard.map((one) => {
    const share = one.momentum.e / energy;
    const [x, y] = [one.momentum.x + share * away.x, one.momentum.y + share * away.y];
    const { z } = one.momentum;
    const mass = massOf(one.momentum);
    return { ...one, momentum: { x, y, z, e: sqrt(x * x + y * y + z * z + mass * mass) } };
  });
  return [...moved, ...jets.map((jet) => particle("quark", jet))];
}

const MAKERS: Readonly<Record<Process, (random: Rng) => Particle[]>> = {
  njets(random) {
    const jets = pair(falling(230, 4.2, random), 0.7, [0, 0], random);
    return recoiling(
      jets.flatMap((jet) => withSplitting(jet, random)),
      1.6,
      random,
    );
  },
  ttbar(random) {
    const pt = 170 * sqrt(random.exponential()) * exp(0.25 * random.normal());
    const [top, antitop] = pair(pt * 0.75, 0.7, [TOP, TOP], random);
    return recoiling([...topDecay(top, 1, random), ...topDecay(antitop, -1, random)], 1.1, random);
  },
  atop(random) {
    const [top, photon] = pair(falling(25, 1.4, random), 0.7, [TOP, 0], random);
    const spectator = fromTransverse(falling(20, 2, random), central(2, random), random.uniform(), 0);
    return recoiling(
      [...topDecay(top, 1, random), particle("photon", photon), particle("quark", spectator)],
      0.6,
      random,
    );
  },
  gluino(random) {
    const pt = 550 * sqrt(random.exponential());
    const [first, second] = pair(pt, 0.5, [GLUINO, GLUINO], random);
    return recoiling([...gluinoDecay(first, random), ...gluinoDecay(second, random)], 1.5, random);
  },
};

/** The particles of one collision before the detector. */
export function collide(process: Process, random: Rng): Particle[] {
  return MAKERS[process](random);
}
