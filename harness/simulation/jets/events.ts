/**
 * What a detector makes of a collision, and which events and objects are kept: arXiv:2105.14027, section 2.
 *
 * Resolutions and efficiencies follow Delphes' ATLAS card (arXiv:1307.6346): hadronic energy 50 %/sqrt(E) + 3 %, electromagnetic
 * 10 %/sqrt(E) + 0.7 %, muons 2 %; b tags 70 % of bottom and 1 % of light jets. Missing momentum balances what is seen and soft noise.
 */
import { exp, sqrt } from "../../core/elementary.js";
import {
  eventLine,
  sixDigits,
  type CollisionEvent,
  type EventObject,
  type ObjectCode,
} from "../../core/eventtext.js";
import { rng, type Rng } from "../../core/rng.js";
import { added, etaOf, massOf, phiOf, scaled, transverseOf, type Momentum } from "./momentum.js";
import { collide, type Particle, type Process } from "./processes.js";

const MEV = 1000;
const B_TAG = 0.7;
const B_MISTAG = 0.01;
const EFFICIENCY: Readonly<Record<Particle["kind"], number>> = {
  quark: 1,
  bottom: 1,
  electron: 0.85,
  muon: 0.95,
  photon: 0.9,
  unseen: 0,
};
const SOFT_GEV = 8;
/** Of jets: mass over pT, and its spread. */
const JET_MASS = 0.11;
const JET_MASS_SPREAD = 0.35;

interface Limits {
  readonly pt: number;
  readonly eta: number;
}
const isJet = (code: ObjectCode): boolean => code === "j" || code === "b";
const isElectron = (code: ObjectCode): boolean => code === "e-" || code === "e+";

function storedLimits(code: ObjectCode): Limits {
  if (isJet(code)) return { pt: 20, eta: 2.8 };
  if (code === "g") return { pt: 20, eta: 2.37 };
  return isElectron(code) ? { pt: 15, eta: 2.5 } : { pt: 15, eta: 2.7 };
}

function triggers({ code, pt, eta }: EventObject): boolean {
  const [gev, size] = [pt / MEV, Math.abs(eta)];
  if (isJet(code)) return gev > 60 && size < 2.8;
  if (code === "g") return gev > 25 && size < 2.37;
  if (isElectron(code)) return gev > 25 && size < 2.47 && !(size > 1.37 && size < 1.52);
  return gev > 25 && size < 2.7;
}

/** Least HT of an event, GeV; processes that are not named have none. */
const LEAST_HT: Readonly<Partial<Record<Process, number>>> = { njets: 600 };

function smeared({ kind, momentum }: Particle, random: Rng): Momentum {
  const energy = momentum.e;
  const relative =
    kind === "muon"
      ? 0.02
      : kind === "electron" || kind === "photon"
        ? 0.1 / sqrt(energy) + 0.007
        : 0.5 / sqrt(energy) + 0.03;
  return scaled(momentum, Math.max(0.05, 1 + relative * random.normal()));
}

function codeOf({ kind, charge }: Particle, random: Rng): ObjectCode {
  const tag = random.uniform();
  if (kind === "photon") return "g";
  if (kind === "electron") return charge < 0 ? "e-" : "e+";
  if (kind === "muon") return charge < 0 ? "m-" : "m+";
  return tag < (kind === "bottom" ? B_TAG : B_MISTAG) ? "b" : "j";
}

/** A jet is as heavy as its spread makes it, its momentum unchanged. */
function withJetMass(p: Momentum, random: Rng): Momentum {
  const mass = JET_MASS * transverseOf(p) * exp(JET_MASS_SPREAD * random.normal());
  const own = massOf(p);
  return { ...p, e: sqrt(p.e * p.e - own * own + mass * mass) };
}

function objectOf(code: ObjectCode, p: Momentum): EventObject {
  return {
    code,
    energy: sixDigits(MEV * p.e),
    pt: sixDigits(MEV * transverseOf(p)),
    eta: sixDigits(etaOf(p)),
    phi: sixDigits(phiOf(p)),
  };
}

const ORDER: readonly ObjectCode[] = ["b", "j", "e-", "e+", "m-", "m+", "g"];

const byKindAndPt = (a: EventObject, b: EventObject): number =>
  ORDER.indexOf(a.code) - ORDER.indexOf(b.code) || b.pt - a.pt;

function detect(process: Process, id: number, random: Rng): CollisionEvent {
  let seen: Momentum = { e: 0, x: SOFT_GEV * random.normal(), y: SOFT_GEV * random.normal(), z: 0 };
  const objects: EventObject[] = [];
  for (const particle of collide(process, random)) {
    if (random.uniform() >= EFFICIENCY[particle.kind]) continue;
    const code = codeOf(particle, random);
    const plain = smeared(particle, random);
    const momentum = isJet(code) ? withJetMass(plain, random) : plain;
    seen = added(seen, momentum);
    const object = objectOf(code, momentum);
    const { pt, eta } = storedLimits(code);
    if (object.pt > MEV * pt && Math.abs(object.eta) < eta) objects.push(object);
  }
  return {
    id: String(id),
    process,
    weight: 1,
    met: sixDigits(MEV * transverseOf(seen)),
    metPhi: sixDigits(phiOf({ x: -seen.x, y: -seen.y })),
    objects: objects.sort(byKindAndPt),
    trailing: false,
  };
}

function isKept(process: Process, { objects }: CollisionEvent): boolean {
  const ht = objects.reduce((sum, { code, pt }) => (isJet(code) ? sum + pt / MEV : sum), 0);
  return objects.some(triggers) && ht >= (LEAST_HT[process] ?? 0);
}

/** Tries before a process is taken to have no event that is kept; of each, at least one in a hundred is. */
const MOST_TRIES = 100_000;

/** Line `id` of the process: the first collision of stream `id` that the trigger keeps. */
export function eventOf(process: Process, seed: number, id: number): string {
  const random = rng(seed, id);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const event = detect(process, id, random);
    if (isKept(process, event)) return eventLine(event);
  }
  throw new RangeError(`${process}: no event kept`);
}
