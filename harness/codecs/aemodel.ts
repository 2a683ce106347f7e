/**
 * A codec made of an imported autoencoder: header, 5E4M module sum and sixteen (or so) latents, every bit of them counted.
 *
 * The receiver has the bits and the decoder's weights, nothing else: the module sum that it scales with is the one in the
 * payload. Formats of the latents: aelatents.ts. Sources: CMSSW HGCalConcentratorAutoEncoderImpl; ECON-T emulator; fastml-science
 * sensor-data-compression train.py for "msb".
 */
import type { BitReader } from "../core/bits.js";
import { defineCodec, type Codec, type EncoderCost, type Parameters } from "../core/codec.js";
import { InputError } from "../core/errors.js";
import { choiceOf, codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { CELLS } from "../core/table.js";
import { AUTOENCODER_HEADER_BITS, latentBits } from "../chip/autoencoderpayload.js";
import {
  CODE_5E4M,
  DECODE_POINTS,
  encodeFloat,
  restoreCharge,
  type DecodePoint,
} from "../chip/floatcodes.js";
import { CONDITION_LABELS, CONDITIONS, writeConditions } from "../models/conditions.js";
import type { ImportedModel, ImportedPart } from "../models/imported.js";
import { compileNetwork } from "../models/inference.js";
import { comparisonsOf } from "../models/networkcost.js";
import { activationOf } from "../models/forward.js";
import { INPUT_ROUNDINGS, ordersOf, pixelsOf, roundInput, type PixelOrder } from "../models/picture.js";
import { gridBits, roundWeights, WEIGHT_GRIDS, type WeightGrid } from "../models/weightrounding.js";
import { pictureDecoder, type DecodePictures } from "./aepictures.js";
import { chipEncoder, CHIP_ROUNDINGS, fitsChip, type ChipRounding } from "./aechip.js";
import { LATENT_CONVENTIONS, latentFormat, type LatentFormat } from "./aelatents.js";
import {
  ABSENT,
  OUTPUTS,
  receiver,
  RECEIVER_PARAMETERS,
  restorer,
  sumOf,
  topBit,
  type Receive,
  type Restore,
} from "./aereceiver.js";
import { EXACT_SUM_BITS } from "./chargeformat.js";
import { decode as decodePoint } from "./chipparameters.js";
import { createPresence, PLACE_LABELS, refuseMissing, type Presence } from "./missingcells.js";
import {
  checkHeader,
  openSlabCodec,
  STORED_HEADER,
  type ModuleFormat,
  type SlabReader,
} from "./modulecodec.js";

/** What is known of a published model beyond its weights. */
export interface ModelCard {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  /** Link count that it was trained for; others are visited when undefined. */
  readonly links?: number;
  /** True when it was trained for CMSSW's unclipped latents, which a run then shows beside the honest ones. */
  readonly unclipped?: boolean;
  /** What stands for the encoder when nothing is said: "float" unless its weights are on the chip's grid. */
  readonly encoder?: WeightGrid | ChipRounding;
  /** What comes out when nothing is said: charges with fractions, as the studies had them, unless this says otherwise. */
  readonly output?: (typeof OUTPUTS)[number];
}

const LINK_CHOICES = [2, 3, 4, 5] as const;
const MOST_WHOLE_BITS = 8;
/** Whole bits that hold every latent of the published models (largest seen: 10.2). */
const WHOLE_BITS = 4;
/** An encoder from CALQ [48] to latents. */
export type Encode = (calq: Float64Array) => ArrayLike<number>;

const SUMS = ["coded", "exact"] as const;

function parametersOf(orders: readonly PixelOrder[], card: ModelCard, chip: boolean): Codec["parameters"] {
  return {
    links: {
      says: "output links of 32 bits per crossing; they set the bits of a latent: 3, 5, 7, 9 at 2 to 5 links",
      default: card.links ?? LINK_CHOICES[0],
      choices: LINK_CHOICES,
    },
    latent: {
      says: "what the bits of a latent mean: all bits of a value in [0, 2), floored (chip); fractional bits of an unclipped value, rounded, whole bits counted (cmssw); the same clipped to [0, 2) (clipped)",
      default: LATENT_CONVENTIONS[0],
      choices: LATENT_CONVENTIONS,
    },
    whole: {
      says: "whole bits of an unclipped latent; larger values saturate",
      default: WHOLE_BITS,
      choices: Array.from({ length: MOST_WHOLE_BITS }, (_, i) => i + 1),
    },
    order: { says: "which trigger cell is which pixel", default: orders[0], choices: orders },
    input: {
      says: "rounding of the normalised charges: to 1/256 with halves up (CMSSW) or to even (numpy), down to 1/128 (chip), none",
      default: chip ? "floor-7" : "round-8",
      choices: INPUT_ROUNDINGS,
    },
    encoder: {
      says: "weights of the encoder: as trained, on the chip's or qKeras' grid, or the chip's integer arithmetic with floored or nearest weights",
      default: card.encoder ?? WEIGHT_GRIDS[0],
      choices: chip ? [...WEIGHT_GRIDS, ...CHIP_ROUNDINGS] : WEIGHT_GRIDS,
    },
    sum: {
      says: "module sum that is sent: the chip's 9-bit float, or exactly (28 bits, which are counted)",
      default: SUMS[0],
      choices: SUMS,
    },
    ...RECEIVER_PARAMETERS,
    output: { ...RECEIVER_PARAMETERS.output, default: card.output ?? OUTPUTS[0] },
    decode: decodePoint,
  };
}

/** Encoder in floating point: normalise by the top bit of the sum, arrange, infer. */
function floatEncoder(part: ImportedPart, grid: WeightGrid, order: PixelOrder, rounding: Parameters): Encode {
  const infer = compileNetwork(part.plan, roundWeights(part.parameters, grid));
  const pixels = pixelsOf(order);
  const input = choiceOf(rounding, "input", INPUT_ROUNDINGS);
  const picture = new Float64Array(part.plan.inputSize);
  return (calq) => {
    const top = topBit(sumOf(calq));
    for (let cell = 0; cell < CELLS; cell++) picture[pixels[cell]] = roundInput(calq[cell] / top, input);
    return infer(picture);
  };
}

/** How the module sum travels. */
interface SumFormat {
  readonly bits: number;
  code(sum: number): number;
  value(code: number): number;
}

function sumFormat(kind: (typeof SUMS)[number], point: DecodePoint): SumFormat {
  if (kind === "exact") return { bits: EXACT_SUM_BITS, code: (sum) => sum, value: (code) => code };
  return {
    bits: CODE_5E4M.bits,
    code: (sum) => encodeFloat(sum, CODE_5E4M),
    value: (code) => restoreCharge(code, CODE_5E4M, 0, point),
  };
}

/** What the payload of a module holds behind its header. */
interface Payload {
  readonly sum: SumFormat;
  readonly latents: number;
  readonly format: LatentFormat;
}

/** `presence` tells the cells of partial modules, where the receiver is to know them. */
function moduleEncoder(
  { sum, latents, format }: Payload,
  encode: Encode,
  presence?: Presence,
): Pick<ModuleFormat, "encode"> {
  const nothing = new Float64Array(latents);
  return {
    encode(calq, writer, row, side) {
      const present = presence?.(side, row);
      if (present !== undefined) refuseMissing(calq, present, row);
      const charge = sumOf(calq);
      writer.write(STORED_HEADER, AUTOENCODER_HEADER_BITS);
      writer.write(sum.code(charge), sum.bits);
      const found = charge > 0 ? encode(calq) : nothing;
      for (let i = 0; i < latents; i++) writer.write(format.code(found[i]), format.bits);
    },
  };
}

/** Fills `values` with the latents of the next module; the answer is its sum. */
function readPayload(
  { sum, format }: Payload,
  reader: BitReader,
  values: Float64Array | Float32Array,
): number {
  checkHeader(reader.read(AUTOENCODER_HEADER_BITS));
  const charge = sum.value(reader.read(sum.bits));
  for (let i = 0; i < values.length; i++) values[i] = format.value(reader.read(format.bits));
  return charge;
}

function moduleFormat(payload: Payload, encode: Encode, receive: Receive): ModuleFormat {
  const values = new Float64Array(payload.latents);
  return {
    ...moduleEncoder(payload, encode),
    decode(reader, restored) {
      const charge = readPayload(payload, reader, values);
      if (charge > 0) receive(values, charge, restored);
    },
  };
}

interface Receiver {
  readonly pictures: DecodePictures;
  readonly restore: Restore;
  /** The decoder takes conditions (models/conditions.ts) behind the latents. */
  readonly isTold: boolean;
  readonly presence?: Presence;
}

/** Reads the modules of a slab, then decodes those with charge together. */
function slabReader(payload: Payload, rows: number, receive: Receiver): SlabReader {
  const { latents } = payload;
  const width = latents + (receive.isTold ? CONDITIONS : 0);
  const charges: number[] = [];
  const charged: number[] = [];
  const values = new Float32Array(rows * width);
  return {
    read(reader) {
      const at = charged.length * width;
      const charge = readPayload(payload, reader, values.subarray(at, at + latents));
      if (charge > 0) charged.push(charges.length);
      charges.push(charge);
    },
    async restore(restored, side) {
      if (charged.length === 0) return;
      if (receive.isTold)
        charged.forEach((row, i) => {
          writeConditions(side, row, values, i * width + latents);
        });
      const pictures = await receive.pictures(values.subarray(0, charged.length * width), charged.length);
      const pixels = pictures.length / charged.length;
      charged.forEach((row, i) => {
        receive.restore(
          pictures.subarray(i * pixels, (i + 1) * pixels),
          charges[row],
          restored.subarray(row * CELLS, (row + 1) * CELLS),
          receive.presence?.(side, row),
        );
      });
    },
  };
}

/** Both halves of a model that codes modules; refuses (InputError) what cannot, saying why. */
function halvesOf(model: ImportedModel): {
  encoder: ImportedPart;
  decoder: ImportedPart;
  orders: readonly PixelOrder[];
} {
  const { encoder, decoder } = model.parts;
  const refuse = (problem: string): never => {
    throw new InputError(`model ${model.id}: ${problem}`, { tag: "model" });
  };
  if (encoder === undefined || decoder === undefined)
    return refuse(`expected an encoder and a decoder, got ${Object.keys(model.parts).join(" and ")} only`);
  const orders = ordersOf(encoder.plan.network.input);
  if (orders.length === 0)
    return refuse(
      `encoder: input: expected a picture 4x4x3 or 8x8x1, got ${encoder.plan.network.input.join("x")}`,
    );
  if (encoder.plan.inputSize !== decoder.plan.outputSize)
    return refuse(
      `decoder: output: expected ${encoder.plan.inputSize} pixels, got ${decoder.plan.outputSize}`,
    );
  const last = encoder.plan.layers.at(-1);
  if (last === undefined || !["relu", "sigmoid"].includes(activationOf(last.layer)))
    return refuse(
      `encoder: last layer: expected relu or sigmoid (latents are sent without a sign), got another activation`,
    );
  return { encoder, decoder, orders };
}

function costOf({ plan }: ImportedPart, choice: string): EncoderCost {
  const grid = WEIGHT_GRIDS.find((one) => one === choice);
  return {
    multiplyAccumulates: plan.multiplyAccumulates,
    comparisons: comparisonsOf(plan),
    parameters: plan.parameters,
    weightBits: plan.parameters * gridBits(grid ?? "floor-32"),
  };
}

/** The parts of an autoencoder that other formats are built from, each with state of its own where it has any. */
export interface AutoencoderParts {
  readonly latents: number;
  readonly cost: EncoderCost;
  /** Of the decoder, for encoders that hold one. */
  readonly decoderCost: EncoderCost;
  createEncode(): Encode;
  /** From latents and module sum to charges [48]. */
  createReceive(): Receive;
  /** The usual payload at a number of links. */
  createFormat(links: number): ModuleFormat;
}

/** Parts of a model of the zoo at the defaults of its codec: its encoder in the chip's arithmetic where it fits, whole counts. */
export function autoencoderParts(model: ImportedModel): AutoencoderParts {
  const { encoder, decoder, orders } = halvesOf(model);
  const chip = fitsChip(encoder.plan.network);
  const card = { id: model.id, title: model.id, source: model.source, output: "integer" } as const;
  const owner = { id: model.id, parameters: parametersOf(orders, card, chip) };
  const parameters = completeParameters(owner, {});
  const choice = chip ? "chip-nearest" : "round-32";
  const parts = {
    latents: encoder.plan.outputSize,
    cost: costOf(encoder, choice),
    decoderCost: costOf(decoder, "float"),
    createEncode: () =>
      chip ? chipEncoder(encoder, choice) : floatEncoder(encoder, "round-32", orders[0], parameters),
    createReceive: () => receiver(decoder, parameters, orders[0]),
  };
  return {
    ...parts,
    createFormat: (count) =>
      moduleFormat(
        {
          sum: sumFormat("coded", "mid"),
          latents: parts.latents,
          format: latentFormat("chip", latentBits(count), 1),
        },
        parts.createEncode(),
        parts.createReceive(),
      ),
  };
}

/** The codec of an imported autoencoder, with every published convention as an option. */
export function autoencoderCodec(model: ImportedModel, card: ModelCard): Codec {
  const { encoder, decoder, orders } = halvesOf(model);
  const chip = fitsChip(encoder.plan.network);
  const owner = { id: card.id, parameters: parametersOf(orders, card, chip) };
  const links = card.links === undefined ? LINK_CHOICES : [card.links];
  return defineCodec({
    ...owner,
    title: card.title,
    family: "autoencoder",
    source: card.source,
    variants: () =>
      links.flatMap((count): Parameters[] => [
        ...(card.unclipped === true ? [{ links: count, latent: "cmssw" }] : []),
        { links: count },
      ]),
    open(given, kernels) {
      const parameters = completeParameters(owner, given);
      const order = choiceOf(parameters, "order", orders);
      const count = numberOf(parameters, "links");
      const choice = choiceOf(parameters, "encoder", [...WEIGHT_GRIDS, ...CHIP_ROUNDINGS]);
      const grid = WEIGHT_GRIDS.find((one) => one === choice);
      const knowsCells = choiceOf(parameters, "absent", ABSENT) !== "unknown";
      const presence = knowsCells ? { presence: createPresence() } : {};
      const payload: Payload = {
        sum: sumFormat(choiceOf(parameters, "sum", SUMS), choiceOf(parameters, "decode", DECODE_POINTS)),
        latents: encoder.plan.outputSize,
        format: latentFormat(
          choiceOf(parameters, "latent", LATENT_CONVENTIONS),
          latentBits(count),
          numberOf(parameters, "whole"),
        ),
      };
      const pictures = pictureDecoder(card.id, decoder, kernels);
      const restore = restorer(parameters, order);
      const isTold = decoder.plan.inputSize > encoder.plan.outputSize;
      const facts = {
        label: codecLabel(owner, given),
        links: count,
        cost: costOf(encoder, choice),
        side: [...new Set([...(knowsCells ? PLACE_LABELS : []), ...(isTold ? CONDITION_LABELS : [])])],
        integersOnly: true,
      };
      return openSlabCodec(
        facts,
        () => {
          const encode =
            grid === undefined
              ? chipEncoder(encoder, choice)
              : floatEncoder(encoder, grid, order, parameters);
          return moduleEncoder(payload, encode, presence.presence);
        },
        (rows) => slabReader(payload, rows, { pictures, restore, isTold, ...presence }),
      );
    },
  });
}
