// Philox4x32-10 and the distributions of harness/core/rng.ts, number for number: a sequence is handed over by its key, its stream
// and how many words were drawn of it.
// Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405.
import { cosOfTurn, log, setTurn, sinOfTurn } from "./_elementary";

const MULTIPLIER_0: u64 = 0xd2511f53;
const MULTIPLIER_1: u64 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9; // golden ratio
const WEYL_1: u32 = 0xbb67ae85; // sqrt(3) - 1
const ROUNDS: i32 = 10;
const WORDS: u32 = 4; // of a block
const TWO_53: f64 = 9007199254740992;

let key0: u32 = 0;
let key1: u32 = 0;
let stream0: u32 = 0;
let stream1: u32 = 0;
let nextBlock: u64 = 0;
let used: u32 = WORDS; // of the block in BLOCK
const BLOCK: usize = memory.data(16, 16);
let hasSpare: bool = false;
let spare: f64 = 0;

/**
 * Goes on in a sequence: `sequence` u32 [4] (key, stream), `position` f64 [3] (words drawn, 1 when a normal number is kept, that
 * number). False when the position is none.
 */
export function resume(sequence: usize, position: usize): bool {
  const drawn = load<f64>(position);
  if (!(drawn >= 0 && drawn < TWO_53) || drawn != Math.floor(drawn)) return false;
  key0 = load<u32>(sequence);
  key1 = load<u32>(sequence, 4);
  stream0 = load<u32>(sequence, 8);
  stream1 = load<u32>(sequence, 12);
  nextBlock = <u64>drawn / WORDS;
  used = WORDS;
  const within = <u32>(<u64>drawn % WORDS);
  if (within > 0) {
    drawBlock();
    used = within;
  }
  hasSpare = load<f64>(position, 8) == 1;
  spare = load<f64>(position, 16);
  return true;
}

/** Where the sequence stands, as `resume` takes it. */
export function tell(position: usize): void {
  store<f64>(position, <f64>(nextBlock * WORDS - (WORDS - used)));
  store<f64>(position, hasSpare ? 1 : 0, 8);
  store<f64>(position, hasSpare ? spare : 0, 16);
}

function drawBlock(): void {
  let c0 = <u32>nextBlock;
  let c1 = <u32>(nextBlock >> 32);
  let c2 = stream0;
  let c3 = stream1;
  let k0 = key0;
  let k1 = key1;
  for (let round = 0; round < ROUNDS; round++) {
    const product0 = MULTIPLIER_0 * <u64>c0;
    const product1 = MULTIPLIER_1 * <u64>c2;
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1;
    c3 = <u32>product0;
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
  store<u32>(BLOCK, c0);
  store<u32>(BLOCK, c1, 4);
  store<u32>(BLOCK, c2, 8);
  store<u32>(BLOCK, c3, 12);
  nextBlock++;
  used = 0;
}

function bits(): u32 {
  if (used == WORDS) drawBlock();
  const word = load<u32>(BLOCK + (<usize>used << 2));
  used++;
  return word;
}

/** Uniform in [0, 1), 53 bits. */
export function uniform(): f64 {
  const high = <u64>(bits() >> 5);
  const low = <u64>(bits() >> 6);
  return <f64>((high << 26) | low) / TWO_53;
}

/** Exponential with mean 1. */
export function exponential(): f64 {
  return -log(1 - uniform());
}

/** Normal with mean 0 and standard deviation 1 (Box-Muller). */
export function normal(): f64 {
  if (hasSpare) {
    hasSpare = false;
    return spare;
  }
  const radius = Math.sqrt(2 * exponential());
  setTurn(uniform());
  hasSpare = true;
  spare = radius * sinOfTurn;
  return radius * cosOfTurn;
}

/** Poisson: how many exponential waits fit into `mean`. */
export function poisson(mean: f64): i32 {
  let count = 0;
  let waited = exponential();
  while (waited <= mean) {
    count++;
    waited += exponential();
  }
  return count;
}
