/** Four-momenta (GeV), their decays, and their directions; elementary functions of our own only. */
import { cosTurns, exp, log, sinTurns, sqrt } from "../../core/elementary.js";
import type { Rng } from "../../core/rng.js";

export interface Momentum {
  readonly e: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

const PI = 3.141592653589793;

export const added = (a: Momentum, b: Momentum): Momentum => ({
  e: a.e + b.e,
  x: a.x + b.x,
  y: a.y + b.y,
  z: a.z + b.z,
});
export const scaled = (p: Momentum, by: number): Momentum => ({
  e: by * p.e,
  x: by * p.x,
  y: by * p.y,
  z: by * p.z,
});

export const transverseOf = ({ x, y }: Momentum): number => sqrt(x * x + y * y);
export const massOf = ({ e, x, y, z }: Momentum): number => sqrt(Math.max(0, e * e - x * x - y * y - z * z));

export function etaOf(p: Momentum): number {
  const slope = Math.abs(p.z) / transverseOf(p);
  const eta = log(slope + sqrt(1 + slope * slope));
  return p.z < 0 ? -eta : eta;
}

/** arctan x for 0 <= x <= 1: halved twice, then the alternating series to the last bits. */
function arctangent(x: number): number {
  let t = x;
  for (let halving = 0; halving < 2; halving++) t = t / (1 + sqrt(1 + t * t));
  const square = t * t;
  let sum = 0;
  for (let k = 25; k >= 1; k -= 2) sum = 1 / k - square * sum;
  return 4 * t * sum;
}

/** Angle of (x, y) in (-pi, pi]. */
export function phiOf({ x, y }: { readonly x: number; readonly y: number }): number {
  const [across, along] = [Math.abs(y), Math.abs(x)];
  const first =
    across <= along ? (along === 0 ? 0 : arctangent(across / along)) : PI / 2 - arctangent(along / across);
  const half = x < 0 ? PI - first : first;
  return y < 0 ? -half : half;
}

/** Momentum of given transverse size, pseudorapidity of the direction, angle in turns, and mass. */
export function fromTransverse(pt: number, eta: number, turn: number, mass: number): Momentum {
  const [x, y, z] = [pt * cosTurns(turn), pt * sinTurns(turn), (pt * (exp(eta) - exp(-eta))) / 2];
  return { e: sqrt(x * x + y * y + z * z + mass * mass), x, y, z };
}

/** `p`, given where `frame` is at rest, as seen where `frame` moves. */
function boosted(p: Momentum, frame: Momentum): Momentum {
  const mass = massOf(frame);
  const along = p.x * frame.x + p.y * frame.y + p.z * frame.z;
  const e = (p.e * frame.e + along) / mass;
  const by = (p.e + e) / (frame.e + mass);
  return { e, x: p.x + by * frame.x, y: p.y + by * frame.y, z: p.z + by * frame.z };
}

/** Isotropic decay into two masses whose sum is below the parent's. */
export function decay(parent: Momentum, first: number, second: number, random: Rng): [Momentum, Momentum] {
  const mass = massOf(parent);
  const sum = (mass - first - second) * (mass + first + second);
  const size = sqrt(Math.max(0, sum * (mass - first + second) * (mass + first - second))) / (2 * mass);
  const cosine = 2 * random.uniform() - 1;
  const across = size * sqrt(1 - cosine * cosine);
  const turn = random.uniform();
  const [x, y, z] = [across * cosTurns(turn), across * sinTurns(turn), size * cosine];
  return [
    boosted({ e: sqrt(size * size + first * first), x, y, z }, parent),
    boosted({ e: sqrt(size * size + second * second), x: -x, y: -y, z: -z }, parent),
  ];
}
