/**
 * What the autoencoder sends: 5-bit header, 5E4M module sum, then those bits of the latents that a mask selects.
 *
 * The latents form one number of 144 bits, latent 15 highest; the mask has a bit for each of them. The selected bits keep their
 * order; the last ones that fit the links are sent, with zeros before them where there are fewer.
 * Source: ECON-T emulator, checked on the published test vectors (whose mask selects everything).
 */
import type { BitReader } from "../core/bits.js";
import { LATENTS } from "./autoencoderweights.js";
import { LATENT_BITS } from "./autoencoder.js";
import { CODE_5E4M, encodeFloat } from "./floatcodes.js";
import { LINK_BITS, type BitSink } from "./linkwords.js";

export const AUTOENCODER_HEADER_BITS = 5;
export const LATENT_MASK_BITS = LATENTS * LATENT_BITS;
const MOST_LATENT_BITS = 146;

export interface AutoencoderPayload {
  readonly header: number;
  /** 5E4M code. */
  readonly sum: number;
  /** [16], 9 bits each; bits that are not sent are zero when read back. */
  readonly latents: Uint16Array;
}

export interface AutoencoderFormat {
  readonly links: number;
  /** 144 bits: bit 9 i + b says whether bit b of latent i is sent. */
  readonly mask: bigint;
}

/** Bits for latents with a number of links: 18, 50, 82, 114, and 146 from five links on. */
export function latentRoom(links: number): number {
  return Math.min(links * LINK_BITS - AUTOENCODER_HEADER_BITS - CODE_5E4M.bits, MOST_LATENT_BITS);
}

/** Top bits of each latent that fill the links: 1, 3, 5, 7, and 9 from five links on. */
export function latentBits(links: number): number {
  return Math.min(LATENT_BITS, Math.floor(latentRoom(links) / LATENTS));
}

/** The mask that sends the top `latentBits` bits of every latent. */
export function defaultLatentMask(links: number): bigint {
  const kept = latentBits(links);
  const one = BigInt((2 ** kept - 1) * 2 ** (LATENT_BITS - kept));
  let mask = 0n;
  for (let i = 0; i < LATENTS; i++) mask |= one << BigInt(i * LATENT_BITS);
  return mask;
}

/** Positions 9 i + b of the latent bits that are sent, in the order in which they are sent. */
export function sentBits({ links, mask }: AutoencoderFormat): number[] {
  const selected: number[] = [];
  for (let at = LATENT_MASK_BITS - 1; at >= 0; at--)
    if (((mask >> BigInt(at)) & 1n) === 1n) selected.push(at);
  return selected.slice(Math.max(0, selected.length - latentRoom(links)));
}

/** Neighbouring bits of one latent that are sent together: `bits` of them from bit `shift` on. */
export interface SentRun {
  readonly latent: number;
  readonly shift: number;
  readonly bits: number;
}

/** The same as `sentBits`, neighbours of one latent taken together. */
export function sentRuns(format: AutoencoderFormat): SentRun[] {
  const runs: SentRun[] = [];
  for (const at of sentBits(format)) {
    const [latent, shift] = [Math.floor(at / LATENT_BITS), at % LATENT_BITS];
    const last = runs[runs.length - 1];
    if (runs.length > 0 && last.latent === latent && last.shift === shift + 1)
      runs[runs.length - 1] = { latent, shift, bits: last.bits + 1 };
    else runs.push({ latent, shift, bits: 1 });
  }
  return runs;
}

/** Payload of CALQ's module sum and latents [16]. */
export function autoencoderPayload(sum: number, latents: Uint16Array, header: number): AutoencoderPayload {
  return { header, sum: encodeFloat(sum, CODE_5E4M), latents };
}

/** Appends a payload; `runs` come from `sentRuns` of the same format. */
export function packAutoencoder(
  writer: BitSink,
  payload: AutoencoderPayload,
  links: number,
  runs: readonly SentRun[],
): void {
  writer.write(payload.header, AUTOENCODER_HEADER_BITS);
  writer.write(payload.sum, CODE_5E4M.bits);
  let pad = latentRoom(links);
  for (const { bits } of runs) pad -= bits;
  for (; pad > 0; pad -= LINK_BITS) writer.write(0, Math.min(pad, LINK_BITS));
  for (const { latent, shift, bits } of runs)
    writer.write((payload.latents[latent] >> shift) & (2 ** bits - 1), bits);
}

/** Reads a payload back. */
export function unpackAutoencoder(reader: BitReader, format: AutoencoderFormat): AutoencoderPayload {
  const header = reader.read(AUTOENCODER_HEADER_BITS);
  const sum = reader.read(CODE_5E4M.bits);
  const sent = sentBits(format);
  for (let pad = latentRoom(format.links) - sent.length; pad > 0; pad -= LINK_BITS)
    reader.read(Math.min(pad, LINK_BITS));
  const latents = new Uint16Array(LATENTS);
  for (const at of sent) {
    const latent = Math.floor(at / LATENT_BITS);
    latents[latent] = latents[latent] | (reader.read(1) << (at % LATENT_BITS));
  }
  return { header, sum, latents };
}
