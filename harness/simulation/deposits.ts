/**
 * What one particle leaves in the layers of an event: energy spots of showers, single MIPs, hadronic clouds. Units: MIPs.
 *
 * Spots carry exponential energies; their mean follows from the stochastic term of the whole stack (variance of a compound
 * Poisson sum), so sampling fluctuations come out by themselves. Where a shower has very many spots in a layer, that layer's
 * energy is drawn as their sum and shared by a limited number of spots at evenly spread distances.
 */
import { cosTurns, exp, log, sinTurns, sqrt } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";
import { LAYERS, type Layer } from "./detector.js";
import { drawProfile, layerFraction, radialScaleCm, radialTail, type Profile } from "./shower.js";
import { cosineOf, crossingPoint, momentumOf, type Track } from "./tracks.js";

/** sqrt(GeV); HGCAL-FastShower has 0.25, the technical design report 0.22. */
const STOCHASTIC_TERM = 0.22;
const SPOT_GEV = (STOCHASTIC_TERM * STOCHASTIC_TERM) / 2;
/** Spots drawn one by one in a layer; chosen: above, the shares of cells fluctuate by a few per cent either way. */
const MOST_SPOTS = 240;
const PHOTON_CONVERSION_X0 = 9 / 7;
/** Mean length of the hadronic part, interaction lengths. */
const HADRONIC_LENGTH = 1;
const MEAN_ELECTROMAGNETIC_SHARE = 0.4;
/** Showers of less are a MIP at most: not followed. */
const LEAST_SHOWER_GEV = 0.05;

/** What charges are left in. */
export interface SensitiveLayers {
  readonly layers: readonly { readonly layer: Layer }[];
  /** Adds charge at (x, y) cm of layer number `layer` of `layers`. */
  add(layer: number, x: number, y: number, mips: number): void;
}

const point = { x: 0, y: 0 };

/** How a layer's spots lie about the axis, and how large they are. */
interface Cloud {
  readonly spotGev: number;
  /** Mean distance of the core's spots; distances are exponential. */
  readonly coreCm: number;
  /** Share and radius of the tail: r^2 / (r^2 + radius^2) of its spots lie within r. */
  readonly tailShare: number;
  readonly tailCm: number;
}

/** Hadronic part, chosen: spots of about four MIPs in CE-E, a few secondaries each; radius of an interaction's fragments. */
const HADRONIC_CLOUD: Cloud = { spotGev: 0.06, coreCm: 5, tailShare: 0, tailCm: 0 };

/** Energy `gev` of a layer, in spots about `point`. */
function spray(sensitive: SensitiveLayers, layer: number, gev: number, cloud: Cloud, random: Rng): void {
  const { x, y } = point;
  const { spotGev, coreCm, tailShare, tailCm } = cloud;
  const mipsPerGev = 1000 / sensitive.layers[layer].layer.mevPerMip;
  const expected = gev / spotGev;
  const many = expected > MOST_SPOTS;
  const sum = many ? gev + sqrt(2 * gev * spotGev) * random.normal() : 0;
  if (sum < 0) return;
  const spots = many ? MOST_SPOTS : random.poisson(expected);
  for (let spot = 0; spot < spots; spot++) {
    // One number says whether the spot is of the tail and how far it lies; many spots share it evenly.
    const uniform = many ? (spot + random.uniform()) / MOST_SPOTS : random.uniform();
    const inTail = uniform < tailShare;
    const place = inTail ? uniform / tailShare : (uniform - tailShare) / (1 - tailShare);
    const r = inTail ? tailCm * sqrt(place / (1 - place)) : -coreCm * log(1 - place);
    const energy = many ? sum / MOST_SPOTS : spotGev * random.exponential();
    const turn = random.uniform();
    sensitive.add(layer, x + r * cosTurns(turn), y + r * sinTurns(turn), energy * mipsPerGev);
  }
}

function depositProfile(
  sensitive: SensitiveLayers,
  track: Track,
  gev: number,
  profile: Profile,
  random: Rng,
): void {
  const cosine = cosineOf(track);
  for (let i = 0; i < sensitive.layers.length; i++) {
    const { layer } = sensitive.layers[i];
    const fraction = layerFraction(profile, layer, cosine);
    if (fraction === 0) continue;
    crossingPoint(track, layer.zCm, point);
    const tail = radialTail(profile, gev, (layer.depthX0 - 0.5 * layer.thicknessX0) / cosine);
    const coreCm = radialScaleCm(layer.number);
    const cloud = { spotGev: SPOT_GEV, coreCm, tailShare: tail.share, tailCm: tail.scaleCm };
    spray(sensitive, i, fraction * gev, cloud, random);
  }
}

/** A shower of an electron (starts at once) or of a photon (after its conversion). */
export function depositShower(
  sensitive: SensitiveLayers,
  track: Track,
  kind: "electron" | "photon",
  random: Rng,
): void {
  const gev = momentumOf(track);
  if (gev < LEAST_SHOWER_GEV) return;
  const start = kind === "photon" ? PHOTON_CONVERSION_X0 * random.exponential() : 0;
  depositProfile(sensitive, track, gev, drawProfile(gev, start, random), random);
}

/** Moyal's approximation to the Landau straggling of one MIP in thin silicon: most probable value 1, width 0.1. */
function straggledMip(random: Rng): number {
  const z = random.normal();
  return 1 - 0.1 * log(z * z);
}

/** Depth in X0 along the path of an interaction at a depth in interaction lengths; Infinity behind the last layer. */
function depthInX0(cosine: number, interaction: number): number {
  for (const layer of LAYERS) {
    const behind = layer.depthLambda / cosine - interaction;
    if (behind < 0) continue;
    return layer.depthX0 / cosine - (behind * layer.thicknessX0) / layer.thicknessLambda;
  }
  return Infinity;
}

/** A charged hadron (MIP up to its first interaction) or a neutral one (nothing before it). */
export function depositHadron(sensitive: SensitiveLayers, track: Track, random: Rng): void {
  const cosine = cosineOf(track);
  const interaction = random.exponential(); // interaction lengths along the path
  const gev = momentumOf(track);
  const share = Math.min(1, MEAN_ELECTROMAGNETIC_SHARE * (0.5 + random.uniform()));
  const start = depthInX0(cosine, interaction);
  for (let i = 0; i < sensitive.layers.length; i++) {
    const { layer } = sensitive.layers[i];
    const depth = layer.depthLambda / cosine;
    if (depth < interaction) {
      if (track.charge === 0) continue;
      crossingPoint(track, layer.zCm, point);
      sensitive.add(i, point.x, point.y, straggledMip(random) / cosine);
      continue;
    }
    const begin = Math.max(0, (depth * cosine - layer.thicknessLambda) / cosine - interaction);
    const fraction = exp(-begin / HADRONIC_LENGTH) - exp(-(depth - interaction) / HADRONIC_LENGTH);
    crossingPoint(track, layer.zCm, point);
    spray(sensitive, i, (1 - share) * gev * fraction, HADRONIC_CLOUD, random);
  }
  if (start < Infinity && share * gev > LEAST_SHOWER_GEV)
    depositProfile(sensitive, track, share * gev, drawProfile(share * gev, start, random), random);
}

/** A muon: a MIP in every layer. */
export function depositMuon(sensitive: SensitiveLayers, track: Track, random: Rng): void {
  const cosine = cosineOf(track);
  for (let i = 0; i < sensitive.layers.length; i++) {
    crossingPoint(track, sensitive.layers[i].layer.zCm, point);
    sensitive.add(i, point.x, point.y, straggledMip(random) / cosine);
  }
}
