/**
 * What one particle leaves in one module: energy spots of showers, single MIPs, hadronic clouds. Units: MIPs in the silicon.
 *
 * Spots carry exponential energies; their mean follows from the stochastic term (variance of a compound Poisson sum), so
 * sampling fluctuations of about 22 %/sqrt(E) come out by themselves.
 */
import { cosTurns, exp, log, sinTurns } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";
import type { Layer } from "./detector.js";
import { cellAt, MODULE_RADIUS_CM } from "./modulecells.js";
import { drawProfile, layerFraction, radialScaleCm } from "./shower.js";

const STOCHASTIC_TERM = 0.22; // sqrt(GeV)
const SPOT_GEV = (STOCHASTIC_TERM * STOCHASTIC_TERM) / 2;
const PHOTON_CONVERSION_X0 = 9 / 7;
const REACH = 12; // radial scales beyond which a shower is not followed: e^-12
const HADRONIC_RADIUS_CM = 4;
const HADRONIC_LENGTH = 1; // interaction lengths
const MEAN_ELECTROMAGNETIC_SHARE = 0.4;

/** The module being filled: charges in MIPs, and the layer and angle at which it is crossed. */
export interface Target {
  readonly mips: Float64Array;
  readonly layer: Layer;
  /** Cosine of the particles' angle to the beam. */
  readonly cosine: number;
}

function spray(target: Target, x: number, y: number, gev: number, scaleCm: number, random: Rng): void {
  const reach = MODULE_RADIUS_CM + REACH * scaleCm;
  if (x * x + y * y > reach * reach) return;
  const spots = random.poisson(gev / SPOT_GEV);
  for (let spot = 0; spot < spots; spot++) {
    const energy = SPOT_GEV * random.exponential();
    const radius = scaleCm * random.exponential();
    const turn = random.uniform();
    const cell = cellAt(x + radius * cosTurns(turn), y + radius * sinTurns(turn));
    if (cell !== undefined) target.mips[cell] += (1000 * energy) / target.layer.mevPerMip;
  }
}

/** A shower of an electron (starts at once) or of a photon (after its conversion), axis at (x, y). */
export function depositShower(
  target: Target,
  x: number,
  y: number,
  gev: number,
  kind: "electron" | "photon",
  random: Rng,
): void {
  const start = kind === "photon" ? PHOTON_CONVERSION_X0 * random.exponential() : 0;
  depositElectromagnetic(target, x, y, gev, start, random);
}

function depositElectromagnetic(
  target: Target,
  x: number,
  y: number,
  gev: number,
  startX0: number,
  random: Rng,
): void {
  const fraction = layerFraction(drawProfile(gev, startX0, random), target.layer, target.cosine);
  if (fraction > 0) spray(target, x, y, fraction * gev, radialScaleCm(target.layer.number), random);
}

/** Moyal's approximation to the Landau straggling of one MIP in thin silicon: most probable value 1, width 0.1. */
function straggledMip(random: Rng): number {
  const z = random.normal();
  return 1 - 0.1 * log(z * z);
}

/** A charged hadron (MIP up to its first interaction) or a neutral one (nothing before it), axis at (x, y). */
export function depositHadron(
  target: Target,
  x: number,
  y: number,
  gev: number,
  charged: boolean,
  random: Rng,
): void {
  const { layer, cosine } = target;
  const interaction = random.exponential(); // interaction lengths along the path
  const depth = layer.depthLambda / cosine;
  if (depth < interaction) {
    const cell = charged ? cellAt(x, y) : undefined;
    if (cell !== undefined) target.mips[cell] += straggledMip(random) / cosine;
    return;
  }
  const share = Math.min(1, MEAN_ELECTROMAGNETIC_SHARE * (0.5 + random.uniform()));
  const startX0 = startInX0(layer, cosine, interaction);
  depositElectromagnetic(target, x, y, share * gev, startX0, random);
  const begin = Math.max(0, (layer.depthLambda - layer.thicknessLambda) / cosine - interaction);
  const fraction = exp(-begin / HADRONIC_LENGTH) - exp(-(depth - interaction) / HADRONIC_LENGTH);
  spray(target, x, y, (1 - share) * gev * fraction, HADRONIC_RADIUS_CM, random);
}

/** Depth of the interaction in X0, on the scale on which `layer` ends at depthX0: counted back from the layer. */
function startInX0(layer: Layer, cosine: number, interaction: number): number {
  const behind = layer.depthLambda / cosine - interaction;
  const perLambda = layer.thicknessX0 / layer.thicknessLambda;
  return layer.depthX0 / cosine - behind * perLambda;
}
