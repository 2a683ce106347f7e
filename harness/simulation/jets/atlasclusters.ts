/**
 * A jet as topological clusters, and what ATLAS sums over them: the relations between the jet's variables come from here.
 *
 * Fragments share the jet's pT unequally and lie in a cone of R = 0.4 (anti-kT); pileup adds soft clusters all over it, part of them
 * from other bunch crossings (25 ns apart). A photon's cluster is electromagnetic, short and narrow; a hadron's is deep, long and
 * wide, and its electromagnetic share is that of the neutral pions of its shower. Variables as in ATL-LARG-PUB-2008-002 (cluster
 * moments) and ATLAS-CONF-2015-029 (jet quality): width = sum pT dR / sum pT, N90 = fewest clusters with 90 % of the pT, out-of-time
 * fractions = pT share of clusters with |t| > 5 or 10 ns.
 */
import { cosTurns, exp, log, pow, sinTurns, sqrt } from "../../core/elementary.js";
import type { Rng } from "../../core/rng.js";

const CONE = 0.4;
const PHOTON_SHARE = 0.45;
const PILEUP_CLUSTER_GEV = 0.8;
const CROSSING_NS = 25;
/** Of soft clusters, the share that comes from another crossing. */
const OTHER_CROSSING_SHARE = 0.5;
const MOST_CLUSTERS = 64;

interface Cluster {
  readonly pt: number;
  readonly eta: number;
  readonly phi: number;
  readonly emFraction: number;
  readonly depth: number;
  readonly time: number;
}

/** Sums over a jet's clusters; scores whose distributions are calibrated afterwards. */
export interface ClusterSums {
  readonly mass: number;
  readonly width: number;
  readonly widthPhi: number;
  readonly leadingShare: number;
  readonly n90: number;
  readonly emFraction: number;
  readonly depth: number;
  readonly secondLambda: number;
  readonly secondR: number;
  readonly time: number;
  readonly late5: number;
  readonly late10: number;
  readonly quality: number;
  readonly negative: number;
}

/** Depth of a cluster's centre below the calorimeter's face, mm. */
function depthOf(isPhoton: boolean, random: Rng): number {
  return isPhoton ? 190 * exp(0.3 * random.normal()) : 900 * exp(0.65 * random.normal());
}

function fragment(pt: number, spread: number, random: Rng): Cluster {
  const isPhoton = random.uniform() < PHOTON_SHARE;
  const radius = Math.min(CONE, spread * random.exponential());
  const turn = random.uniform();
  const depth = depthOf(isPhoton, random);
  // Deep showers have left little in the electromagnetic layers, which end about 500 mm below the face.
  const share = isPhoton
    ? 1 - 0.02 * random.exponential()
    : Math.min(1, exp(-depth / 900) * (0.6 + 0.8 * random.uniform()));
  return {
    pt,
    eta: radius * cosTurns(turn),
    phi: radius * sinTurns(turn),
    emFraction: share,
    depth,
    time: 0.9 * random.normal(),
  };
}

function soft(lateShare: number, random: Rng): Cluster {
  const radius = CONE * sqrt(random.uniform());
  const made = fragment(PILEUP_CLUSTER_GEV * random.exponential(), 0, random);
  const turn = random.uniform();
  const isLate = random.uniform() < lateShare;
  const crossing = random.uniform() < 0.5 ? -CROSSING_NS : CROSSING_NS;
  return {
    ...made,
    eta: radius * cosTurns(turn),
    phi: radius * sinTurns(turn),
    time: isLate ? 0.7 * crossing * random.uniform() + 0.3 * crossing : 2 * random.normal(),
  };
}

function clustersOf(pt: number, random: Rng): Cluster[] {
  const hardness = 0.8 + 1.3 * random.uniform();
  const spread = 0.06 * exp(0.45 * random.normal()) * pow(40 / pt, 0.25) + 0.02;
  const fragments = 1 + random.poisson(3 + 1.5 * log(pt / 20));
  const weights = Array.from({ length: fragments }, () => pow(random.exponential(), hardness));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const lateShare = random.uniform() < 0.12 ? random.uniform() : OTHER_CROSSING_SHARE * random.uniform();
  const softs = Math.min(MOST_CLUSTERS, random.poisson(8 * exp(0.5 * random.normal())));
  return [
    ...weights.map((weight) => fragment((pt * weight) / total, spread, random)),
    ...Array.from({ length: softs }, () => soft(lateShare, random)),
  ];
}

/** Fewest clusters with 90 % of the pT, with a fraction for how much the last one adds. */
function n90Of(clusters: readonly Cluster[], total: number): number {
  const inOrder = clusters.map(({ pt }) => pt).sort((a, b) => b - a);
  let sum = 0;
  let count = 0;
  while (count < inOrder.length && sum < 0.9 * total) sum += inOrder[count++];
  return count - (sum - 0.9 * total) / inOrder[count - 1];
}

/** Sums of pT times a property over all clusters, over the sum of pT. */
function mean(clusters: readonly Cluster[], property: (cluster: Cluster) => number): number {
  let [sum, total] = [0, 0];
  for (const cluster of clusters) {
    sum += cluster.pt * property(cluster);
    total += cluster.pt;
  }
  return sum / total;
}

/** One jet of transverse momentum `pt`, before pileup. */
export function clusterSums(pt: number, random: Rng): ClusterSums {
  const clusters = clustersOf(pt, random);
  const total = clusters.reduce((sum, cluster) => sum + cluster.pt, 0);
  const leading = clusters.reduce((most, cluster) => (cluster.pt > most.pt ? cluster : most));
  const axisEta = mean(clusters, ({ eta }) => eta);
  const axisPhi = mean(clusters, ({ phi }) => phi);
  const squared = ({ eta, phi }: Cluster): number =>
    (eta - axisEta) * (eta - axisEta) + (phi - axisPhi) * (phi - axisPhi);
  const late5 = mean(clusters, ({ time }) => (Math.abs(time) > 5 ? 1 : 0));
  return {
    // Clusters have no mass of their own; small angles.
    mass: total * sqrt(mean(clusters, squared)),
    width: mean(clusters, (cluster) => sqrt(squared(cluster))),
    widthPhi: mean(clusters, ({ phi }) => Math.abs(phi - axisPhi)),
    leadingShare: leading.pt / total,
    n90: n90Of(clusters, total),
    emFraction: mean(clusters, ({ emFraction }) => emFraction),
    depth: leading.depth,
    secondLambda: leading.depth * exp(0.5 * random.normal()) * (1.3 - leading.emFraction),
    secondR: exp(0.5 * random.normal()) * (1.2 - leading.emFraction) * (1 + leading.depth / 600),
    time: mean(clusters, ({ time }) => time),
    late5,
    late10: mean(clusters, ({ time }) => (Math.abs(time) > 10 ? 1 : 0)),
    // Pulses of other crossings have the wrong shape; so have a few bad cells of any jet.
    quality: log(0.02 + late5) + 1.2 * random.normal(),
    negative: -(1 + 0.25 * clusters.length) * exp(0.5 * random.normal()),
  };
}
