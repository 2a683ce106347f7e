/**
 * Particle-flow jets of CMS with the 24 variables of the open-data studies (ak5, 8 TeV, uncorrected, no pileup subtraction).
 *
 * Every value is a float32. A jet's energy is the sum of seven kinds of particle-flow candidates, and the table repeats some of those sums: the identities of
 * RecoJets/JetProducers JetSpecific.cc hold here to the last bit, because energies are whole multiples of 2^-10 GeV.
 * Which kinds a jet has follows from the detector (JINST 3 S08004): tracks to |eta| = 2.4, calorimeters to 3, HF from there to 5.2.
 * A jet of R = 0.5 sees a boundary before its axis reaches it. Energy shares in the tracker: 65 % charged, 25 % photons, 10 %
 * neutral hadrons (arXiv:1706.04965). Spectra and multiplicities: marginals of 716,445 jets, see docs/jets.md.
 */
import { exp, pow, sqrt } from "../../core/elementary.js";
import type { Rng } from "../../core/rng.js";
import { quantileAt, type Quantiles } from "./quantilemap.js";

const PI = 3.141592653589793;
const GRAIN = 1024;

/** |eta| and area: digitised from figures 4.2 and 4.3 of G. Dialektakis' report (GSoC 2021), both sides of eta together. */
const ABSOLUTE_ETA: Quantiles = [
  0, 0.00474, 0.0474, 0.241, 0.486, 0.966, 1.42, 1.93, 2.35, 2.93, 3.39, 3.89, 4.41, 4.65, 4.96, 5.09, 5.12,
];
const AREA: Quantiles = [
  0.0098, 0.078, 0.147, 0.261, 0.34, 0.458, 0.542, 0.604, 0.653, 0.701, 0.747, 0.782, 0.82, 0.847, 0.918,
  0.986, 1.286,
];
const AREA_STEP = 0.01;

const LOWEST_PT = 3;
/** Mean pT above the lowest of soft jets in the tracker, GeV, and how it falls with |eta| beyond it. */
const SOFT_PT = 12;
const FORWARD_SOFT_PT = 5;
const FORWARD_SOFT_BEGIN = 3;
/** Jets of the trigger's hard scattering: their share, where they begin, and their exponential tail, GeV. */
const HARD_SHARE = 0.018;
const HARD_PT = 230;
const HARD_TAIL = 79;
const HARD_END = 2.5;

const TRACKER_END = 2.62;
const CALORIMETER_END = 3.2;
const FORWARD_BEGIN = 2.8;

const cosh = (eta: number): number => (exp(eta) + exp(-eta)) / 2;
const lognormal = (spread: number, random: Rng): number => exp(spread * random.normal());

function transverse(eta: number, random: Rng): number {
  const size = Math.abs(eta);
  if (size < HARD_END && random.uniform() < HARD_SHARE / 0.51)
    return HARD_PT + HARD_TAIL * random.exponential();
  const mean = size < FORWARD_SOFT_BEGIN ? SOFT_PT : FORWARD_SOFT_PT;
  return LOWEST_PT + (mean / 2) * (random.exponential() + random.exponential());
}

/** Count of particles around a mean, wider than Poisson; at least `least`. */
function countOf(mean: number, least: number, random: Rng): number {
  return Math.max(least, random.poisson(mean * lognormal(0.35, random)));
}

interface Kind {
  energy: number;
  count: number;
}

interface Composition {
  readonly charged: Kind;
  readonly neutral: Kind;
  readonly photon: Kind;
  readonly electron: Kind;
  readonly muon: Kind;
  readonly forwardHadron: Kind;
  readonly forwardEm: Kind;
}

const grains = (energy: number): number => Math.round(energy * GRAIN) / GRAIN;
const none = (): Kind => ({ energy: 0, count: 0 });
/** Energy of a kind with at least one particle: at least one grain. */
const some = (energy: number, count: number): Kind =>
  count === 0 ? none() : { energy: Math.max(1 / GRAIN, grains(energy)), count };

/** Shares of an energy that add to 1: uneven around their means. */
function split(means: readonly number[], spread: number, random: Rng): number[] {
  const parts = means.map((mean) => mean * lognormal(spread, random));
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / total);
}

function rareLepton(share: number, energy: number, random: Rng): Kind {
  return random.uniform() < share ? some(energy * (0.05 + 0.5 * random.uniform()), 1) : none();
}

/** What a jet consists of before HF: nearly nothing beyond it. */
function central(energy: number, hasTracks: boolean, random: Rng): Composition {
  const [charged, photon, neutral] = split(hasTracks ? [0.5, 0.24, 0.26] : [0, 0.25, 0.75], 0.6, random);
  const neutrals = random.poisson(hasTracks ? 1.1 : 1.9);
  const photons = countOf(hasTracks ? 1.35 * sqrt(energy * photon) + 1.3 : 3.2, 0, random);
  const inNeutral = neutrals === 0 ? 0 : neutral;
  const inPhoton = photons === 0 ? 0 : photon;
  const lost = (neutral - inNeutral + photon - inPhoton) * energy;
  const tracks = hasTracks ? countOf(2.5 * sqrt(energy * charged) + 0.5, 1, random) : 0;
  return {
    charged: some(energy * charged + (hasTracks ? lost : 0), tracks),
    neutral: some(energy * inNeutral + (hasTracks ? 0 : lost), hasTracks ? neutrals : Math.max(1, neutrals)),
    photon: some(energy * inPhoton, photons),
    electron: hasTracks ? rareLepton(0.005, energy, random) : none(),
    muon: hasTracks ? rareLepton(0.004, energy, random) : none(),
    forwardHadron: none(),
    forwardEm: none(),
  };
}

function forward(energy: number, random: Rng): Pick<Composition, "forwardHadron" | "forwardEm"> {
  const [hadron, em] = split([0.8, 0.2], 0.25, random);
  const emCount = countOf(5.2, 1, random);
  return {
    forwardHadron: some(energy * hadron, countOf(8.5, 1, random)),
    forwardEm: some(energy * em, emCount),
  };
}

/** Share of a jet's energy that lies in HF. */
function forwardShare(size: number): number {
  return Math.min(1, Math.max(0, (size - FORWARD_BEGIN) / (CALORIMETER_END - FORWARD_BEGIN)));
}

function composition(energy: number, size: number, random: Rng): Composition {
  const inForward = forwardShare(size);
  const before: Composition =
    inForward < 1
      ? central(energy * (1 - inForward), size < TRACKER_END, random)
      : {
          charged: none(),
          neutral: none(),
          photon: none(),
          electron: none(),
          muon: none(),
          forwardHadron: none(),
          forwardEm: none(),
        };
  return inForward > 0 ? { ...before, ...forward(energy * inForward, random) } : before;
}

/** Mass per pT: wide soft jets, narrow hard ones. */
function massShare(pt: number, random: Rng): number {
  return Math.min(0.35, 0.19 * pow(pt / 20, -0.15) * lognormal(0.4, random));
}

/** One jet into `row`, in the order of CMS_24D. */
export function cmsJet(random: Rng, row: Float64Array): void {
  const side = random.uniform() < 0.5 ? -1 : 1;
  const eta = Math.fround(side * quantileAt(ABSOLUTE_ETA, random.uniform()));
  const phi = Math.fround(PI * (1 - 2 * random.uniform()));
  const wanted = transverse(eta, random);
  const mass = Math.fround(massShare(wanted, random) * wanted);
  const towards = cosh(eta);
  const jet = composition(sqrt(wanted * towards * (wanted * towards) + mass * mass), Math.abs(eta), random);
  const { charged, neutral, photon, electron, muon, forwardHadron, forwardEm } = jet;
  const kinds = [charged, neutral, photon, electron, muon, forwardHadron, forwardEm];
  const energy = kinds.reduce((sum, kind) => sum + kind.energy, 0);
  // pT follows from the energy, so that E2 = (pT cosh eta)2 + m2 holds.
  const pt = Math.fround(sqrt((energy - mass) * (energy + mass)) / towards);
  row.set([
    pt,
    eta,
    phi,
    mass,
    Math.fround(AREA_STEP * Math.round(quantileAt(AREA, random.uniform()) / AREA_STEP)),
    ...kinds.map((kind) => kind.energy),
    ...kinds.map((kind) => kind.count),
    electron.energy,
    muon.energy,
    photon.energy + forwardEm.energy,
    charged.count + electron.count + muon.count,
    neutral.count + photon.count + forwardHadron.count + forwardEm.count,
  ]);
}
