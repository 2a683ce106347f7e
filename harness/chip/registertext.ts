/**
 * Encoder weights as a register file: YAML text of the newer dialect ("config-algo") that `wafermark econt --config` and the chip's
 * own scripts read. It sets the algorithm, the links with the latent bits that fill them, and the weight image; every other
 * register keeps its default.
 */
import { printable } from "../core/errors.js";
import { defaultLatentMask } from "./autoencoderpayload.js";
import { REGISTER_PARTS, splitParts, writeRegisterImage } from "./registerimage.js";
import { ALGORITHMS } from "./registers.js";

/** `comment` is put on top, line by line, other control characters escaped: YAML ends a comment at more than "\n"; `links` are the first ones. Refuses (InputError) weights that 6 bits cannot hold. */
export function registerText(weights: ArrayLike<number>, links: number, comment: string): string {
  const encoder = writeRegisterImage(weights).flatMap((register, r) => [
    `  ${r}:`,
    ...splitParts(register).map((part, k) => `    weights_byte${REGISTER_PARTS[k].byte}: ${part}`),
  ]);
  const lines = [
    ...comment.split("\n").map((line) => `# ${printable(line)}`),
    "ConfigAlgo:",
    "  Global:",
    `    alg_type: ${ALGORITHMS.indexOf("autoencoder")}`,
    "FormatterBuffer:",
    "  Global:",
    `    active_etxs: ${2 ** links - 1}`,
    `    keep_auto_encoder_bits: ${defaultLatentMask(links)}`,
    "Encoder:",
    ...encoder,
  ];
  return `${lines.join("\n")}\n`;
}
