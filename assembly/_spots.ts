// Energy spots of a layer about a point, as `spray` of harness/simulation/deposits.ts draws and places them: spot after spot, where
// SIMD is there two at a time, lane by lane the same numbers.
import {
  cosOfTurn,
  firstLog,
  log,
  logPair,
  secondLog,
  setLogs,
  setTurn,
  sinOfTurn,
  sinTurnsPair,
  areNormal,
} from "./_elementary";
import { normal, poisson, uniform } from "./_random";
import { put, putPair } from "./_silicon";

const MOST_SPOTS: i32 = 240;

// Of the current layer.
let layer: usize = 0;
let centreX: f64 = 0;
let centreY: f64 = 0;
let mipsPerGev: f64 = 0;

/** The layer that spots fall into, its MIPs per GeV, and the point (cm) that they lie about. */
export function aim(number: usize, mips: f64, x: f64, y: f64): void {
  layer = number;
  mipsPerGev = mips;
  centreX = x;
  centreY = y;
}

/** Energy `gev` in spots of a mean `spotGev`; core of mean distance `coreCm`, `share` of them in a tail of radius `tailCm`. */
export function spray(gev: f64, spotGev: f64, coreCm: f64, share: f64, tailCm: f64): void {
  const expected = gev / spotGev;
  if (expected > <f64>MOST_SPOTS) {
    const sum = gev + Math.sqrt(2 * gev * spotGev) * normal();
    if (!(sum < 0)) sprayEvenly(sum / <f64>MOST_SPOTS, coreCm, share, tailCm);
    return;
  }
  const spots = poisson(expected);
  let spot = 0;
  if (ASC_FEATURE_SIMD) {
    for (; spot + 2 <= spots; spot += 2) {
      const placeA = uniform();
      const energyA = uniform();
      const turnA = uniform();
      const placeB = uniform();
      const energyB = uniform();
      const energies = f64x2.neg(logPair(f64x2.sub(f64x2.splat(1), pair(energyA, energyB))));
      const turns = pair(turnA, uniform());
      placePair(pair(placeA, placeB), turns, f64x2.mul(f64x2.splat(spotGev), energies), coreCm, share, tailCm);
    }
  }
  for (; spot < spots; spot++) {
    const even = uniform();
    const energy = spotGev * -log(1 - uniform());
    placeSpot(even, uniform(), energy, coreCm, share, tailCm);
  }
}

/** All of the largest number of spots, of the same energy, at evenly spread distances. */
function sprayEvenly(energy: f64, coreCm: f64, share: f64, tailCm: f64): void {
  let spot = 0;
  if (ASC_FEATURE_SIMD) {
    for (; spot < MOST_SPOTS; spot += 2) {
      const placeA = <f64>spot + uniform();
      const turnA = uniform();
      const placeB = <f64>(spot + 1) + uniform();
      const turns = pair(turnA, uniform());
      const evens = f64x2.div(pair(placeA, placeB), f64x2.splat(<f64>MOST_SPOTS));
      placePair(evens, turns, f64x2.splat(energy), coreCm, share, tailCm);
    }
  }
  for (; spot < MOST_SPOTS; spot++) {
    const even = (<f64>spot + uniform()) / <f64>MOST_SPOTS;
    placeSpot(even, uniform(), energy, coreCm, share, tailCm);
  }
}

@inline
function pair(first: f64, second: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(first), 1, second);
}

/** One number says whether the spot is of the tail and how far it lies. */
function placeSpot(even: f64, turn: f64, gev: f64, coreCm: f64, share: f64, tailCm: f64): void {
  let r: f64;
  if (even < share) {
    const place = even / share;
    r = tailCm * Math.sqrt(place / (1 - place));
  } else {
    r = -coreCm * log(1 - (even - share) / (1 - share));
  }
  setTurn(turn);
  put(layer, centreX + r * cosOfTurn, centreY + r * sinOfTurn, gev * mipsPerGev);
}

function placePair(even: v128, turn: v128, gev: v128, coreCm: f64, share: f64, tailCm: f64): void {
  const one = f64x2.splat(1);
  const shares = f64x2.splat(share);
  const inTail = f64x2.lt(even, shares);
  const part = v128.bitselect(even, f64x2.sub(even, shares), inTail);
  const place = f64x2.div(part, v128.bitselect(shares, f64x2.sub(one, shares), inTail));
  const rest = f64x2.sub(one, place);
  if (!areNormal(rest)) {
    // The far end of a distribution: left to the functions that know infinities.
    placeSpot(lane0(even), lane0(turn), lane0(gev), coreCm, share, tailCm);
    placeSpot(lane1(even), lane1(turn), lane1(gev), coreCm, share, tailCm);
    return;
  }
  const tail = f64x2.mul(f64x2.splat(tailCm), f64x2.sqrt(f64x2.div(place, rest)));
  const core = f64x2.mul(f64x2.splat(-coreCm), logPair(rest));
  const r = v128.bitselect(tail, core, inTail);
  const x = f64x2.add(f64x2.splat(centreX), f64x2.mul(r, sinTurnsPair(f64x2.add(turn, f64x2.splat(0.25)))));
  const y = f64x2.add(f64x2.splat(centreY), f64x2.mul(r, sinTurnsPair(turn)));
  putPair(layer, x, y, f64x2.mul(gev, f64x2.splat(mipsPerGev)));
}

@inline
function lane0(values: v128): f64 {
  return f64x2.extract_lane(values, 0);
}

@inline
function lane1(values: v128): f64 {
  return f64x2.extract_lane(values, 1);
}
