/** Particles of an event as they leave the interaction point, and what each kind leaves in the calorimeter. */
import { cosTurns, sinTurns, sqrt } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";
import { depositHadron, depositMuon, depositShower, type SensitiveLayers } from "./deposits.js";
import { etaOfSinh, sinhOf, TURN, type Track } from "./tracks.js";

/** Numbers of the Particle Data Group's scheme that occur here; the sign of charged ones follows the charge. */
export const PDG = { electron: 11, muon: 13, photon: 22, pion: 211, neutralKaon: 130 } as const;

export interface Particle extends Track {
  readonly pdgId: number;
}

export type Emit = (particle: Particle) => void;

/** A pion, electron or muon of that charge: leptons of positive number are negative, the pion is the other way round. */
export function particle(pdgId: number, pt: number, sinhEta: number, turn: number): Particle {
  const size = Math.abs(pdgId);
  const charged = size === PDG.electron || size === PDG.muon ? -1 : size === PDG.pion ? 1 : 0;
  return { pdgId, pt, sinhEta, turn, charge: pdgId < 0 ? -charged : charged };
}

export function signedPion(random: Rng): number {
  return random.bits() % 2 === 0 ? PDG.pion : -PDG.pion;
}

/** What the particle leaves in the layers. */
export function deposit(sensitive: SensitiveLayers, one: Particle, random: Rng): void {
  if (one.sinhEta <= 0) return;
  switch (Math.abs(one.pdgId)) {
    case PDG.electron:
      depositShower(sensitive, one, "electron", random);
      break;
    case PDG.photon:
      depositShower(sensitive, one, "photon", random);
      break;
    case PDG.muon:
      depositMuon(sensitive, one, random);
      break;
    default:
      depositHadron(sensitive, one, random);
  }
}

const NEUTRAL_PION_GEV = 0.135;
const LARGEST_ANGLE = 1.5;

/**
 * The two photons of a neutral pion: isotropic in its own frame, that is an even share of its energy for a fast pion. Angles
 * are small ones; at 1.5 rad they are cut, where a pion is at rest anyhow.
 */
export function decayPion(pt: number, sinhEta: number, turn: number, random: Rng, emit: Emit): void {
  const share = 0.001 + 0.998 * random.uniform();
  const coshEta = sqrt(1 + sinhEta * sinhEta);
  const energy = sqrt(pt * pt * coshEta * coshEta + NEUTRAL_PION_GEV * NEUTRAL_PION_GEV);
  const opening = Math.min(LARGEST_ANGLE, NEUTRAL_PION_GEV / (energy * sqrt(share * (1 - share))));
  const around = random.uniform();
  for (const own of [share, share - 1]) {
    // The harder photon is nearer to the pion; angle over sin(theta) is a step in (eta, phi).
    const step = (own < 0 ? -share : 1 - share) * opening * coshEta;
    const part = own < 0 ? -own : own;
    const sinh = sinhOf(etaOfSinh(sinhEta) + step * cosTurns(around));
    const photonPt = (part * energy) / sqrt(1 + sinh * sinh);
    emit(particle(PDG.photon, photonPt, sinh, turn + (step * sinTurns(around)) / TURN));
  }
}
