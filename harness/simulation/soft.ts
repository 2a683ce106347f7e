/**
 * Soft interactions: minimum-bias particles of pileup, and of the underlying event of a hard one.
 *
 * Sources: transverse momenta ~ (1 + E_T/(n T))^-n pT with T = 0.145 GeV, n = 6.6 (CMS at 7 TeV, arXiv:1005.3299), E_T = m_T - m of
 * a pion; neutral pions are half of the charged hadrons (isospin). Chosen: 7.6 charged particles per unit of eta, where CMS has 5.5
 * in the centre (arXiv:1507.05915): more forward, and secondaries of the tracker's material, which is not simulated; tuned with
 * the odd half of the real high-occupancy rows. Neutral kaons and neutrons 0.15 per charged one; the multiplicity of an
 * interaction fluctuates as an exponential (a negative binomial of k = 1).
 */
import { pow, sqrt } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";
import { fragment } from "./fragmentation.js";
import { decayPion, particle, PDG, signedPion, type Emit } from "./particles.js";
import { sinhOf } from "./tracks.js";

const CHARGED_PER_ETA = 7.6;
const NEUTRAL_PIONS_PER_CHARGED = 0.5;
const NEUTRAL_HADRONS_PER_CHARGED = 0.15;
const PER_CHARGED = 1 + NEUTRAL_PIONS_PER_CHARGED + NEUTRAL_HADRONS_PER_CHARGED;

const TEMPERATURE_GEV = 0.145;
const POWER = 6.6;
const PION_GEV = 0.1396;

/** Particles that may reach the silicon, some curl or photon angle included. */
const LOWEST_ETA = 1.2;
const HIGHEST_ETA = 3.4;

const TABLE = 2048;
const MOST_PT_GEV = 20;

/** pT at even steps of the integral of its spectrum: quantile i / (TABLE - 1). */
function buildQuantiles(): Float64Array {
  const steps = 20_000;
  const integral = new Float64Array(steps + 1);
  const ptAt = (i: number): number => MOST_PT_GEV * (i / steps) * (i / steps); // finer where it is steep
  const density = (pt: number): number => {
    const kinetic = sqrt(pt * pt + PION_GEV * PION_GEV) - PION_GEV;
    return pt * pow(1 + kinetic / (POWER * TEMPERATURE_GEV), -POWER);
  };
  for (let i = 1; i <= steps; i++) {
    const width = ptAt(i) - ptAt(i - 1);
    integral[i] = integral[i - 1] + width * density(0.5 * (ptAt(i) + ptAt(i - 1)));
  }
  const quantiles = new Float64Array(TABLE);
  let at = 0;
  for (let q = 0; q < TABLE; q++) {
    const wanted = (q / (TABLE - 1)) * integral[steps];
    while (at < steps - 1 && integral[at + 1] < wanted) at++;
    const inside = (wanted - integral[at]) / (integral[at + 1] - integral[at]);
    quantiles[q] = ptAt(at) + inside * (ptAt(at + 1) - ptAt(at));
  }
  return quantiles;
}

const QUANTILES = buildQuantiles();

function softPt(random: Rng): number {
  const at = random.uniform() * (TABLE - 1);
  const below = Math.floor(at);
  const inside = at - below;
  // Between the last two entries the spectrum falls by decades: one over the square root is closer to even there.
  if (below < TABLE - 2) return QUANTILES[below] + inside * (QUANTILES[below + 1] - QUANTILES[below]);
  return Math.min(MOST_PT_GEV, QUANTILES[TABLE - 2] * pow(1 - inside, -1 / (POWER - 2)));
}

/** Minijets: partons above 3 GeV per unit of eta and interaction, N(> pT) ~ pT^-3 (chosen: about one scatter above 3 GeV each). */
const MINIJETS_PER_ETA = 0.22;
const LEAST_MINIJET_GEV = 3;
const MOST_MINIJET_GEV = 60;

function minijet(random: Rng, emit: Emit): void {
  const pt = Math.min(MOST_MINIJET_GEV, LEAST_MINIJET_GEV * pow(1 - random.uniform(), -1 / 3));
  const eta = LOWEST_ETA + (HIGHEST_ETA - LOWEST_ETA) * random.uniform();
  fragment({ pt, eta, turn: random.uniform() }, random, emit);
}

function softParticle(random: Rng, emit: Emit): void {
  const sinh = sinhOf(LOWEST_ETA + (HIGHEST_ETA - LOWEST_ETA) * random.uniform());
  const turn = random.uniform();
  const pt = softPt(random);
  const kind = random.uniform() * PER_CHARGED;
  if (kind < 1) emit(particle(signedPion(random), pt, sinh, turn));
  else if (kind < 1 + NEUTRAL_PIONS_PER_CHARGED) decayPion(pt, sinh, turn, random, emit);
  else emit(particle(PDG.neutralKaon, pt, sinh, turn));
}

/** One interaction whose mean multiplicity is `activity` times that of a minimum-bias one. */
export function softInteraction(activity: number, random: Rng, emit: Emit): void {
  const size = activity * (HIGHEST_ETA - LOWEST_ETA) * random.exponential();
  const particles = random.poisson(size * CHARGED_PER_ETA * PER_CHARGED);
  for (let i = 0; i < particles; i++) softParticle(random, emit);
  const partons = random.poisson(size * MINIJETS_PER_ETA);
  for (let i = 0; i < partons; i++) minijet(random, emit);
}

/** A Poisson number of minimum-bias interactions of that mean. */
export function pileup(mean: number, random: Rng, emit: Emit): void {
  const interactions = random.poisson(mean);
  for (let i = 0; i < interactions; i++) softInteraction(1, random, emit);
}
