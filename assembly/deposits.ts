// What particles leave in the silicon of the trigger's layers: a list of charges (MIPs) and the trigger cells they fall into.
//
// The simulation's hot part: energy spots of showers, single MIPs, hadronic clouds. Number for number what
// harness/simulation/deposits.ts leaves, from the same random sequence, so that sets of modules have the same bytes whoever makes them.
import { OK, BAD_SHAPE, NON_FINITE } from "./_status";
import { exp, log } from "./_elementary";
import { exponential, normal, resume, tell, uniform } from "./_random";
import { drawProfile, layerFraction, setTail, tailCm, tailShare } from "./_shower";
import { beginList, blankRest, put, written } from "./_silicon";
import { aim, spray } from "./_spots";
import { charge, cosineToBeam, cross, crossingX, crossingY, momentum, setTrack } from "./_track";

const ELECTRON: f64 = 0;
const PHOTON: f64 = 1;
const MUON: f64 = 2;
const HADRON: f64 = 3;
const PARTICLE_BYTES: usize = 40;

const SPOT_GEV: f64 = (0.22 * 0.22) / 2; // half the square of the stochastic term
const PHOTON_CONVERSION_X0: f64 = 9.0 / 7;
const HADRONIC_LENGTH: f64 = 1;
const MEAN_ELECTROMAGNETIC_SHARE: f64 = 0.4;
const LEAST_SHOWER_GEV: f64 = 0.05;
const HADRONIC_SPOT_GEV: f64 = 0.06;
const HADRONIC_CM: f64 = 5;

// A row of `layers`.
const LAYER_BYTES: usize = 64;
const Z_CM: usize = 0;
const DEPTH_X0: usize = 8;
const THICKNESS_X0: usize = 16;
const DEPTH_LAMBDA: usize = 24;
const THICKNESS_LAMBDA: usize = 32;
const PIECES: usize = 40;
const CORE_CM: usize = 48;
const MIPS_PER_GEV: usize = 56;

// A row of `absorbers`: every layer of the calorimeter, read out or not.
const ABSORBERS: usize = 50;
const ABSORBER_BYTES: usize = 32;

// Of the current call.
let layerRows: usize = 0;
let layersEnd: usize = 0;
let absorbers: usize = 0;

/**
 * args: u32 pointers to particles f64 [particles, 5] (kind 0 electron, 1 photon, 2 muon, 3 hadron; pT GeV; sinh(eta) > 0; azimuth
 * in turns; charge -1, 0, 1), sequence u32 [4] and position f64 [3] (_random.ts), layers f64 [layers, 8], absorbers f64 [50, 4],
 * lattice i32 [layers, 29, 29] (module of each place of the lattice, -1 for none), centres f64 [modules, 2], present u8 [modules,
 * 48], nearest u8 [195, 195]; count i32 [1], end f64 [3] (position after), cells i32 [limit] (module times 48 plus cell), mips f64
 * [limit]. Entries after `count` are written (-1 and 0) when `blank` is 1. BAD_SHAPE when there are more than `limit`.
 */
export function deposits(args: usize, particles: i32, layers: i32, modules: i32, limit: i32, blank: i32): i32 {
  if (particles < 0 || layers < 1 || modules < 0 || limit < 0) return BAD_SHAPE;
  const first: usize = load<u32>(args);
  layerRows = load<u32>(args, 12);
  layersEnd = layerRows + <usize>layers * LAYER_BYTES;
  absorbers = load<u32>(args, 16);
  beginList(args + 20, args + 44, limit);
  const end = first + <usize>particles * PARTICLE_BYTES;
  for (let at = first; at < end; at += 8) if (load<f64>(at) - load<f64>(at) != 0) return NON_FINITE;
  if (!resume(load<u32>(args, 4), load<u32>(args, 8))) return BAD_SHAPE;
  for (let particle = first; particle < end; particle += PARTICLE_BYTES) {
    if (!(load<f64>(particle, 8) > 0) || !(load<f64>(particle, 16) > 0)) return BAD_SHAPE;
    setTrack(particle);
    if (!leave(load<f64>(particle))) return BAD_SHAPE;
  }
  if (written > limit) return BAD_SHAPE;
  store<i32>(load<u32>(args, 36), written);
  tell(load<u32>(args, 40));
  if (blank != 0) blankRest();
  return OK;
}

/** Charges of the current particle; false for an unknown kind. */
function leave(kind: f64): bool {
  if (kind == ELECTRON || kind == PHOTON) {
    if (momentum < LEAST_SHOWER_GEV) return true;
    leaveProfile(momentum, kind == PHOTON ? PHOTON_CONVERSION_X0 * exponential() : 0);
  } else if (kind == MUON) {
    for (let row = layerRows; row < layersEnd; row += LAYER_BYTES) leaveMip(row);
  } else if (kind == HADRON) {
    leaveHadron();
  } else {
    return false;
  }
  return true;
}

function leaveProfile(gev: f64, start: f64): void {
  drawProfile(gev, start);
  for (let row = layerRows; row < layersEnd; row += LAYER_BYTES) {
    const depth = load<f64>(row, DEPTH_X0);
    const thickness = load<f64>(row, THICKNESS_X0);
    const fraction = layerFraction(depth, thickness, load<f64>(row, PIECES), cosineToBeam);
    if (fraction == 0) continue;
    aimAt(row);
    setTail((depth - 0.5 * thickness) / cosineToBeam);
    spray(fraction * gev, SPOT_GEV, load<f64>(row, CORE_CM), tailShare, tailCm);
  }
}

function leaveHadron(): void {
  const interaction = exponential(); // interaction lengths along the path
  const share = min<f64>(1, MEAN_ELECTROMAGNETIC_SHARE * (0.5 + uniform()));
  const start = depthInX0(interaction);
  for (let row = layerRows; row < layersEnd; row += LAYER_BYTES) {
    const depth = load<f64>(row, DEPTH_LAMBDA) / cosineToBeam;
    if (depth < interaction) {
      if (charge != 0) leaveMip(row);
      continue;
    }
    const before = (depth * cosineToBeam - load<f64>(row, THICKNESS_LAMBDA)) / cosineToBeam - interaction;
    const begin = max<f64>(0, before);
    const fraction = exp(-begin / HADRONIC_LENGTH) - exp(-(depth - interaction) / HADRONIC_LENGTH);
    aimAt(row);
    spray((1 - share) * momentum * fraction, HADRONIC_SPOT_GEV, HADRONIC_CM, 0, 0);
  }
  if (start < Infinity && share * momentum > LEAST_SHOWER_GEV) leaveProfile(share * momentum, start);
}

/** Depth in X0 along the path of an interaction at a depth in interaction lengths; Infinity behind the last layer. */
function depthInX0(interaction: f64): f64 {
  for (let i: usize = 0; i < ABSORBERS; i++) {
    const row = absorbers + i * ABSORBER_BYTES;
    const behind = load<f64>(row, 16) / cosineToBeam - interaction;
    if (behind < 0) continue;
    return load<f64>(row) / cosineToBeam - (behind * load<f64>(row, 8)) / load<f64>(row, 24);
  }
  return Infinity;
}

/** A MIP with Moyal's straggling (see harness/simulation/deposits.ts) where the particle crosses the layer. */
function leaveMip(row: usize): void {
  cross(load<f64>(row, Z_CM));
  const z = normal();
  put(numberOf(row), crossingX, crossingY, (1 - 0.1 * log(z * z)) / cosineToBeam);
}

@inline
function numberOf(row: usize): usize {
  return (row - layerRows) / LAYER_BYTES;
}

/** Spots that follow fall into the layer, about where the particle crosses it. */
function aimAt(row: usize): void {
  cross(load<f64>(row, Z_CM));
  aim(numberOf(row), load<f64>(row, MIPS_PER_GEV), crossingX, crossingY);
}
