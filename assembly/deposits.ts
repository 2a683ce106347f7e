// What particles leave in the silicon of the trigger's layers: a list of charges (MIPs) and the trigger cells they fall into.
//
// The simulation's hot part: energy spots of showers, single MIPs, hadronic clouds. Number for number what
// harness/simulation/deposits.ts leaves, from the same random sequence, so that sets of modules have the same bytes whoever makes them.
import { OK, BAD_SHAPE, NON_FINITE } from "./_status";
import { cosOfTurn, exp, log, setTurn, sinOfTurn } from "./_elementary";
import { exponential, normal, poisson, resume, tell, uniform } from "./_random";
import { drawProfile, layerFraction, setTail, tailCm, tailShare } from "./_shower";
import { charge, cosineToBeam, cross, crossingX, crossingY, momentum, setTrack } from "./_track";

const CELLS: usize = 48;

const ELECTRON: f64 = 0;
const PHOTON: f64 = 1;
const MUON: f64 = 2;
const HADRON: f64 = 3;
const PARTICLE_BYTES: usize = 40;

const SPOT_GEV: f64 = (0.22 * 0.22) / 2; // half the square of the stochastic term
const MOST_SPOTS: i32 = 240;
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

// The lattice of wafers (harness/simulation/wafers.ts).
const PITCH_CM: f64 = 16.74408;
const ROW_CM: f64 = 14.500798642998944; // 1.5 * pitch / sqrt(3)
const REACH: f64 = 14;
const SIDE: usize = 29;
// The map of a wafer's points to its cells (harness/simulation/modulecells.ts).
const HALF_SIDE_CM: f64 = 9.75;
const STEP_CM: f64 = 0.1;
const MAP_SIDE: f64 = 195;

// Of the current call.
let layerRows: usize = 0;
let layersEnd: usize = 0;
let absorbers: usize = 0;
let lattice: usize = 0;
let centres: usize = 0;
let present: usize = 0;
let nearest: usize = 0;
let cells: usize = 0;
let mips: usize = 0;
let written: i32 = 0;
let room: i32 = 0;

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
  lattice = load<u32>(args, 20);
  centres = load<u32>(args, 24);
  present = load<u32>(args, 28);
  nearest = load<u32>(args, 32);
  cells = load<u32>(args, 44);
  mips = load<u32>(args, 48);
  written = 0;
  room = limit;
  const end = first + <usize>particles * PARTICLE_BYTES;
  for (let at = first; at < end; at += 8) if (load<f64>(at) - load<f64>(at) != 0) return NON_FINITE;
  if (!resume(load<u32>(args, 4), load<u32>(args, 8))) return BAD_SHAPE;
  for (let particle = first; particle < end; particle += PARTICLE_BYTES) {
    if (!(load<f64>(particle, 8) > 0) || !(load<f64>(particle, 16) > 0)) return BAD_SHAPE;
    setTrack(particle);
    if (!leave(load<f64>(particle))) return BAD_SHAPE;
  }
  if (written > room) return BAD_SHAPE;
  store<i32>(load<u32>(args, 36), written);
  tell(load<u32>(args, 40));
  if (blank != 0) {
    memory.fill(cells + (<usize>written << 2), 0xff, <usize>(limit - written) << 2);
    memory.fill(mips + (<usize>written << 3), 0, <usize>(limit - written) << 3);
  }
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
    cross(load<f64>(row, Z_CM));
    setTail((depth - 0.5 * thickness) / cosineToBeam);
    spray(row, fraction * gev, SPOT_GEV, load<f64>(row, CORE_CM), tailShare, tailCm);
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
    cross(load<f64>(row, Z_CM));
    spray(row, (1 - share) * momentum * fraction, HADRONIC_SPOT_GEV, HADRONIC_CM, 0, 0);
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
  put(row, crossingX, crossingY, (1 - 0.1 * log(z * z)) / cosineToBeam);
}

/** Energy `gev` of a layer, in spots about the crossing. */
function spray(row: usize, gev: f64, spotGev: f64, coreCm: f64, share: f64, radiusCm: f64): void {
  const expected = gev / spotGev;
  const many = expected > <f64>MOST_SPOTS;
  const sum = many ? gev + Math.sqrt(2 * gev * spotGev) * normal() : 0;
  if (sum < 0) return;
  const spots = many ? MOST_SPOTS : poisson(expected);
  const mipsPerGev = load<f64>(row, MIPS_PER_GEV);
  for (let spot = 0; spot < spots; spot++) {
    const even = many ? (<f64>spot + uniform()) / <f64>MOST_SPOTS : uniform();
    let r: f64;
    if (even < share) {
      const place = even / share;
      r = radiusCm * Math.sqrt(place / (1 - place));
    } else {
      r = -coreCm * log(1 - (even - share) / (1 - share));
    }
    const energy = many ? sum / <f64>MOST_SPOTS : spotGev * exponential();
    setTurn(uniform());
    put(row, crossingX + r * cosOfTurn, crossingY + r * sinOfTurn, energy * mipsPerGev);
  }
}

/** Lists a charge at (x, y) cm of a layer; nothing where there is no silicon. */
function put(row: usize, x: f64, y: f64, charged: f64): void {
  const module = moduleAt((row - layerRows) / LAYER_BYTES, x, y);
  if (module < 0) return;
  const centre = centres + (<usize>module << 4);
  const at = <usize>module * CELLS + cellAt(x - load<f64>(centre), y - load<f64>(centre, 8));
  if (load<u8>(present + at) == 0) return;
  if (written < room) {
    store<i32>(cells + (<usize>written << 2), <i32>at);
    store<f64>(mips + (<usize>written << 3), charged);
  }
  written++;
}

/** The module whose hexagon holds the point, -1 where the layer has none: cube rounding on the lattice. */
function moduleAt(layer: usize, x: f64, y: f64): i32 {
  const s = y / ROW_CM;
  const q = x / PITCH_CM - s / 2;
  let column = Math.floor(q + 0.5);
  let line = Math.floor(s + 0.5);
  const third = Math.floor(-q - s + 0.5);
  const dq = Math.abs(column - q);
  const ds = Math.abs(line - s);
  const dt = Math.abs(third + q + s);
  if (dq > ds && dq > dt) column = -line - third;
  else if (ds > dt) line = -column - third;
  if (!(column >= -REACH && column <= REACH && line >= -REACH && line <= REACH)) return -1;
  const at = (layer * SIDE + <usize>(REACH - column)) * SIDE + <usize>(line + REACH);
  return load<i32>(lattice + (at << 2));
}

/** Trigger cell of a wafer's point, to a millimetre. */
function cellAt(x: f64, y: f64): usize {
  const column = min<f64>(max<f64>(Math.floor((x + HALF_SIDE_CM) / STEP_CM), 0), MAP_SIDE - 1);
  const line = min<f64>(max<f64>(Math.floor((y + HALF_SIDE_CM) / STEP_CM), 0), MAP_SIDE - 1);
  return <usize>load<u8>(nearest + <usize>(line * MAP_SIDE + column));
}
