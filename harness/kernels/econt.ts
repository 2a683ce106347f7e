/**
 * The trigger chip's fixed-point autoencoder in batches: CALQ of 48 channels to 16 latents of 9 bits, every product floored.
 *
 * Whole numbers throughout: agreement with the reference means all bits. Framing and latent masks are not part of it.
 */
import { encodeModule, normaliseCharges, LATENT_MAXIMUM } from "../chip/autoencoder.js";
import { LATENTS, WEIGHT_HIGH, WEIGHT_LOW, WEIGHTS } from "../chip/autoencoderweights.js";
import { defineKernel, i32, u16, u32, type Agreement, type Buffers, type Dims } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { CELLS } from "../core/table.js";

/** How the charges of one row are drawn; rows take the kinds in turn. */
const ROW_KINDS = ["busy", "sparse", "single", "empty", "small", "huge", "equal"] as const;
type RowKind = (typeof ROW_KINDS)[number];

function charges(kind: RowKind, rng: Rng): number[] {
  const each = (value: (i: number) => number): number[] => Array.from({ length: CELLS }, (_, i) => value(i));
  switch (kind) {
    case "busy":
      return each(() => rng.integer(2 ** (1 + rng.integer(13))));
    case "sparse":
      return each(() => (rng.integer(10) === 0 ? rng.integer(5000) : 0));
    case "single": {
      const [hot, charge] = [rng.integer(CELLS), 1 + rng.integer(2 ** 22 - 1)];
      return each((i) => (i === hot ? charge : 0));
    }
    case "empty":
      return each(() => 0);
    case "small":
      return each(() => rng.integer(3));
    case "huge":
      return each(() => 2 ** 22 - 1 - rng.integer(4));
    case "equal": {
      const charge = 2 ** rng.integer(22);
      return each(() => charge);
    }
  }
}

/** Weights of all sizes, or only extreme ones: the largest sums that the arithmetic can meet. */
function weightsOf(rng: Rng): Int32Array {
  const extreme = rng.integer(3);
  return Int32Array.from({ length: WEIGHTS }, () => {
    if (extreme === 0) return rng.integer(8) === 0 ? WEIGHT_LOW : WEIGHT_HIGH;
    if (extreme === 1) return rng.integer(2) === 0 ? WEIGHT_LOW : WEIGHT_HIGH;
    return WEIGHT_LOW + rng.integer(WEIGHT_HIGH - WEIGHT_LOW + 1);
  });
}

function generate({ rows }: Dims, rng: Rng): Buffers {
  const weights = weightsOf(rng);
  const calq = new Uint32Array(rows * CELLS);
  for (let row = 0; row < rows; row++) calq.set(charges(ROW_KINDS[row % ROW_KINDS.length], rng), row * CELLS);
  return { calq, weights };
}

function reference({ calq, weights }: Buffers, { rows }: Dims): Buffers {
  const latents = new Uint16Array(rows * LATENTS);
  for (let row = 0; row < rows; row++)
    latents.set(encodeModule(calq.subarray(row * CELLS, (row + 1) * CELLS), weights), row * LATENTS);
  return { latents };
}

function agrees({ latents }: Buffers, expected: Buffers): Agreement {
  for (let i = 0; i < latents.length; i++) {
    if (latents[i] === expected.latents[i]) continue;
    const worst = Math.abs(latents[i] - expected.latents[i]);
    return { ratio: Infinity, worst, measure: "units of 1/256", where: `latents[${i}]` };
  }
  return { ratio: 0, worst: 0, measure: "units of 1/256", where: "latents[0]" };
}

function beyondNineBits(_: Buffers, { latents }: Buffers): string | undefined {
  const at = latents.findIndex((value: number) => value > LATENT_MAXIMUM);
  return at < 0 ? undefined : `latents[${at}] is ${latents[at]}`;
}

/** Rows with the same normalised picture, one after the other, have the same latents. */
function brokenScale({ calq }: Buffers, { latents }: Buffers, { rows }: Dims): string | undefined {
  const seen = new Map<string, string>();
  for (let row = 0; row < rows; row++) {
    const picture = String(normaliseCharges(calq.subarray(row * CELLS, (row + 1) * CELLS)));
    const code = String(latents.subarray(row * LATENTS, (row + 1) * LATENTS));
    if ((seen.get(picture) ?? code) !== code) return `row ${row} differs from one with the same picture`;
    seen.set(picture, code);
  }
  return undefined;
}

const ON_TFJS = "tensor operations cannot floor single products of a convolution";

export const kernel = defineKernel({
  id: "econt",
  title: "ECON-T autoencoder in fixed point",
  source: "ECON-T encoder: arXiv:2105.01683; arithmetic as in cmantill/ECONT_Emulator",
  symbol: "econt",
  dims: ["rows"],
  batch: "rows",
  inputs: { calq: u32(`rows ${CELLS}`, "CALQ"), weights: i32(String(WEIGHTS), "1/32") },
  outputs: { latents: u16(`rows ${LATENTS}`, "1/256") },
  shapes: [{ rows: 64 }, { rows: 1 }, { rows: 3 }, { rows: 4 }, { rows: 33 }],
  generate,
  work: ({ rows }) => ({
    items: rows,
    itemName: "module",
    bytes: rows * (4 * CELLS + 2 * LATENTS) + 4 * WEIGHTS,
  }),
  reference,
  agrees,
  laws: [
    { id: "nine-bits", says: "latents fit nine bits", broken: beyondNineBits },
    { id: "scale", says: "equal pictures give equal latents", broken: brokenScale },
  ],
  unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
});
