// Philox4x32-10 and the distributions of harness/core/rng.ts, number for number: a sequence is handed over by its key, its stream
// and how many words were drawn of it.
// Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405.
import { cosOfTurn, firstLog, log, secondLog, setLogs, setTurn, sinOfTurn } from "./_elementary";

const MULTIPLIER_0: u64 = 0xd2511f53;
const MULTIPLIER_1: u64 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9; // golden ratio
const WEYL_1: u32 = 0xbb67ae85; // sqrt(3) - 1
const ROUNDS: i32 = 10;
const BLOCK_WORDS: u32 = 4;
const WORDS: u32 = 8; // two blocks are drawn at once: their rounds do not wait for each other
const TWO_53: f64 = 9007199254740992;

let key0: u32 = 0;
let key1: u32 = 0;
let stream0: u32 = 0;
let stream1: u32 = 0;
let nextBlock: u64 = 0;
let used: u32 = WORDS; // of those in DRAWN
const DRAWN: usize = memory.data(32, 16);
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
  nextBlock = <u64>drawn / BLOCK_WORDS;
  used = WORDS;
  const within = <u32>(<u64>drawn % BLOCK_WORDS);
  if (within > 0) {
    drawBlocks();
    used = within;
  }
  hasSpare = load<f64>(position, 8) == 1;
  spare = load<f64>(position, 16);
  return true;
}

/** Where the sequence stands, as `resume` takes it. */
export function tell(position: usize): void {
  store<f64>(position, <f64>(nextBlock * BLOCK_WORDS - (WORDS - used)));
  store<f64>(position, hasSpare ? 1 : 0, 8);
  store<f64>(position, hasSpare ? spare : 0, 16);
}

function drawBlocks(): void {
  let a0 = <u32>nextBlock;
  let a1 = <u32>(nextBlock >> 32);
  let b0 = <u32>(nextBlock + 1);
  let b1 = <u32>((nextBlock + 1) >> 32);
  let a2 = stream0;
  let a3 = stream1;
  let b2 = stream0;
  let b3 = stream1;
  let k0 = key0;
  let k1 = key1;
  for (let round = 0; round < ROUNDS; round++) {
    const productA = MULTIPLIER_0 * <u64>a0;
    const productB = MULTIPLIER_0 * <u64>b0;
    const productC = MULTIPLIER_1 * <u64>a2;
    const productD = MULTIPLIER_1 * <u64>b2;
    a0 = <u32>(productC >> 32) ^ a1 ^ k0;
    b0 = <u32>(productD >> 32) ^ b1 ^ k0;
    a1 = <u32>productC;
    b1 = <u32>productD;
    a2 = <u32>(productA >> 32) ^ a3 ^ k1;
    b2 = <u32>(productB >> 32) ^ b3 ^ k1;
    a3 = <u32>productA;
    b3 = <u32>productB;
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
  store<u64>(DRAWN, (<u64>a1 << 32) | a0);
  store<u64>(DRAWN, (<u64>a3 << 32) | a2, 8);
  store<u64>(DRAWN, (<u64>b1 << 32) | b0, 16);
  store<u64>(DRAWN, (<u64>b3 << 32) | b2, 24);
  nextBlock += 2;
  used = 0;
}

function bits(): u32 {
  if (used == WORDS) drawBlocks();
  const word = load<u32>(DRAWN + (<usize>used << 2));
  used++;
  return word;
}

/** Uniform in [0, 1), 53 bits. */
export function uniform(): f64 {
  let high: u64;
  let low: u64;
  if ((used & 1) == 0) {
    if (used == WORDS) drawBlocks();
    const both = load<u64>(DRAWN + (<usize>used << 2));
    used += 2;
    high = (both & 0xffffffff) >> 5;
    low = both >> 38;
  } else {
    high = bits() >> 5;
    low = bits() >> 6;
  }
  return <f64>(<i64>((high << 26) | low)) * (1 / TWO_53);
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

/**
 * Poisson: how many exponential waits fit into `mean`. Two waits are drawn at once; one too many goes back into the blocks.
 */
export function poisson(mean: f64): i32 {
  let count = -1; // the last wait does not fit
  let waited: f64 = 0;
  // A number whose two words are in different blocks cannot go back.
  const canReturn = (used & 1) == 0;
  do {
    count++;
    if (canReturn) {
      const first = uniform();
      setLogs(1 - first, 1 - uniform());
      waited += -firstLog;
      if (!(waited <= mean)) {
        used -= 2;
        return count;
      }
      count++;
      waited += -secondLog;
    } else {
      waited += exponential();
    }
  } while (waited <= mean);
  return count;
}
