/**
 * The decoder of an autoencoder for many modules at once, on the kernels: latents to pictures.
 *
 * Float32, with the same bits on any machine and number of threads; within rounding of float64 (kernel `decoder` of validate), which
 * codecs use whose encoder holds the decoder as well (aereceiver.ts).
 */
import { constant } from "../core/constant.js";
import type { KernelRunner } from "../core/kernel.js";
import type { ImportedPart } from "../models/imported.js";
import { networkKernel } from "../models/networkkernel.js";
import { drawLatents } from "../models/networkrows.js";
import { compile } from "../models/program.js";

/** From latents [rows, latents] to pictures [rows, pixels]. */
export type DecodePictures = (latents: Float32Array, rows: number) => Promise<Float32Array>;

/** `id` is the model's, for messages. */
export function pictureDecoder(id: string, decoder: ImportedPart, kernels: KernelRunner): DecodePictures {
  const { network, inputSize } = decoder.plan;
  const kernel = networkKernel({
    id: `decoder-of-${id}`,
    title: `Decoder of ${id}`,
    source: network.id,
    network,
    itemName: "module",
    drawRow: drawLatents(inputSize),
  });
  const parameters = constant(Float32Array.from(decoder.parameters));
  const program = constant(compile(decoder.plan).code);
  return async (input, rows) => {
    const outputs = await kernels.call(kernel, { input, parameters, program }, { rows });
    return Float32Array.from(outputs.output);
  };
}
