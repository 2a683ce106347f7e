/** Damaged copies of a sound file, and what a reader makes of them: data, a refusal, or something that must not happen. */
import { Readable } from "node:stream";
import { isHarnessError } from "../../harness/core/errors.js";
import type { Reader, ReadSource } from "../../harness/core/reader.js";
import { rng, type Rng } from "../../harness/core/rng.js";

export interface Outcomes {
  readonly read: number;
  readonly refused: number;
  /** Seeds of mutants that ended in anything else, with what it was. */
  readonly wrong: readonly string[];
  readonly slowestMs: number;
}

const LIMITS = { maxBytes: 64 << 20, maxRows: 1 << 20 };

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

export function memorySource(bytes: Uint8Array): ReadSource {
  return {
    name: "mutant",
    chunks: async function* () {
      yield* Readable.from(pieces(bytes)) as AsyncIterable<Uint8Array>;
    },
    bytes: () => Promise.resolve(bytes.slice()),
  };
}

/** One damaged copy: flipped bits, random bytes, a cut, a repeated or a removed stretch. */
export function mutant(bytes: Uint8Array, random: Rng): Uint8Array {
  const at = random.integer(bytes.length);
  const length = 1 + random.integer(Math.min(64, bytes.length - at));
  switch (random.integer(5)) {
    case 0: {
      const copy = bytes.slice();
      copy[at] ^= 1 << random.integer(8);
      return copy;
    }
    case 1: {
      const copy = bytes.slice();
      for (let k = 1 + random.integer(8); k > 0; k--) copy[random.integer(copy.length)] = random.integer(256);
      return copy;
    }
    case 2:
      return bytes.slice(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
  }
}

/** Reads `count` mutants of a sound file to their last row. */
export async function readMutants(
  reader: Reader,
  bytes: Uint8Array,
  count: number,
  seed: number,
): Promise<Outcomes> {
  let read = 0;
  let refused = 0;
  let slowestMs = 0;
  const wrong: string[] = [];
  for (let index = 0; index < count; index++) {
    const source = memorySource(mutant(bytes, rng(seed, index)));
    const begun = performance.now();
    try {
      const table = await reader.open(source, { columns: 48, layout: "modules", limits: LIMITS });
      for await (const slab of table.slabs())
        if (slab.values.length !== slab.rows * 48) throw new Error(`slab of ${slab.values.length} values`);
      read++;
    } catch (error) {
      if (isHarnessError(error) && (error.exitCode === 3 || error.exitCode === 6)) refused++;
      else wrong.push(`mutant ${index} of seed ${seed}: ${String(error)}`);
    }
    slowestMs = Math.max(slowestMs, performance.now() - begun);
  }
  return { read, refused, wrong, slowestMs };
}
