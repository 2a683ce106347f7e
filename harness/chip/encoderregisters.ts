/**
 * The autoencoder's registers: the weight image (`Encoder`) and the mask of latent bits, in both dialects.
 *
 * Dialect "algorithm" writes the mask in two registers (mask_ae: 128 bits, mask_ae2: the 16 above), "config-algo" in one
 * (keep_auto_encoder_bits). Without a mask the top bits of each latent that fill the links are sent.
 */
import { defaultLatentMask, LATENT_MASK_BITS } from "./autoencoderpayload.js";
import { joinParts, readRegisterImage, REGISTER_PARTS, REGISTERS } from "./registerimage.js";
import { branch, refused, wide, type Branch } from "./registerfields.js";

const LOW_MASK_BITS = 128;

export interface AutoencoderSettings {
  /** 144 bits: bit 9 i + b says whether bit b of latent i is sent. */
  readonly mask: bigint;
  /** Weights [2144]; absent when the file has no image (they come from elsewhere then). */
  readonly weights?: Int8Array;
}

function encoderRegister(encoder: Branch, r: number): bigint {
  const path = `Encoder.${r}`;
  const register = branch(encoder, [String(r)]);
  if (register === undefined) throw refused(path, `${REGISTER_PARTS.length} parts of weights`, undefined);
  return joinParts(
    REGISTER_PARTS.map(({ byte, bits }) =>
      wide(`${path}.weights_byte${byte}`, register[`weights_byte${byte}`], bits),
    ),
  );
}

/** Weights [2144] of a register file, undefined when it has none; refuses an image that is not complete. */
export function encoderWeights(registers: unknown): Int8Array | undefined {
  const encoder = branch(registers, ["Encoder"]);
  if (encoder === undefined) return undefined;
  return readRegisterImage(Array.from({ length: REGISTERS }, (_, r) => encoderRegister(encoder, r)));
}

/** The mask of latent bits of a register file, with the default for `links`. */
export function latentMask(registers: unknown, links: number): bigint {
  const path = "FormatterBuffer.Global";
  const formatter = branch(registers, ["FormatterBuffer", "Global"]) ?? {};
  const has = (key: string): boolean => Object.hasOwn(formatter, key);
  if (has("keep_auto_encoder_bits"))
    return wide(`${path}.keep_auto_encoder_bits`, formatter.keep_auto_encoder_bits, LATENT_MASK_BITS);
  if (!has("mask_ae") && !has("mask_ae2")) return defaultLatentMask(links);
  const low = wide(`${path}.mask_ae`, formatter.mask_ae, LOW_MASK_BITS);
  const high = wide(`${path}.mask_ae2`, formatter.mask_ae2, LATENT_MASK_BITS - LOW_MASK_BITS);
  return low | (high << BigInt(LOW_MASK_BITS));
}

/** Everything that a register file says about the autoencoder. */
export function autoencoderSettings(registers: unknown, links: number): AutoencoderSettings {
  const weights = encoderWeights(registers);
  return { mask: latentMask(registers, links), ...(weights === undefined ? {} : { weights }) };
}
