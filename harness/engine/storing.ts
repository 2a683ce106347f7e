/**
 * Modules to container blocks and back through one codec, with what was lost measured on the way.
 *
 * Decoding sees the container only: its bits, its parameters, the labels stored in it.
 */
import { BitReader, BitWriter } from "../core/bits.js";
import type { Codec, OpenCodec } from "../core/codec.js";
import type { Block, Container } from "../core/container.js";
import { InputError, UsageError } from "../core/errors.js";
import type { KernelRunner } from "../core/kernel.js";
import { completeParameters, findCodec, parseCodecSpec, readParameters } from "../core/parameters.js";
import { CELLS, type Slab } from "../core/table.js";
import { codecs } from "./plugins.generated.js";
import { storedCodec } from "./storedmodel.js";

/** Rows of a container block; small enough that a block's charges stay in a few megabytes. */
export const BLOCK_ROWS = 8192;

export interface ChosenCodec {
  readonly codec: Codec;
  readonly open: OpenCodec;
  /** All parameters, defaults included. */
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
}

/** The codec that "id" or "id:key=value" names; refuses (UsageError) unknown names and values. */
export async function chooseCodec(
  spec: string,
  kernels: KernelRunner,
  known: ReadonlyMap<string, Codec> = codecs,
): Promise<ChosenCodec> {
  const { id, given } = parseCodecSpec(spec);
  const codec = findCodec(id, known);
  const parameters = completeParameters(codec, readParameters(codec, given));
  return { codec, parameters, open: await codec.open(parameters, kernels) };
}

/** The codec that a container was written with; refuses (InputError) one that this version does not know. */
export async function codecOf(container: Container, name: string, kernels: KernelRunner): Promise<OpenCodec> {
  const { codec: id, parameters, model } = container.header;
  const needsModel = model !== null || container.model.length > 0;
  const codec = needsModel && !codecs.has(id) ? storedCodec(container, name) : codecs.get(id);
  if (codec === undefined) {
    throw new InputError(
      `${name}: unknown codec: expected one of ${[...codecs.keys()].join(", ")}, got ${id}`,
      {
        tag: "codec",
        remedy: "update wafermark",
      },
    );
  }
  if (needsModel && codecs.has(id)) {
    throw new InputError(`${name}: needs a model: expected none for codec ${id}, got ${model?.id ?? "one"}`, {
      tag: "model",
    });
  }
  const open = await openStored(codec, parameters, name, kernels);
  const stored = container.header.columns.slice(CELLS).map((column) => column.name);
  const missing = open.side.find((label) => !stored.includes(label));
  if (missing !== undefined)
    throw new InputError(`${name}: lacks what its codec needs: expected the label ${missing}, got none`, {
      tag: "labels",
    });
  return open;
}

/** In a file, parameters that do not exist are damage and not a slip of the user's. */
async function openStored(
  codec: Codec,
  parameters: Container["header"]["parameters"],
  name: string,
  kernels: KernelRunner,
): Promise<OpenCodec> {
  try {
    return await codec.open(completeParameters(codec, parameters), kernels);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new InputError(`${name}: ${error.message}`, { tag: "codec", cause: error });
  }
}

/** Encodes one block of rows; `firstRow` is its place in the table, for messages. */
export async function encodeBlock(codec: OpenCodec, slab: Slab, firstRow: number): Promise<Block> {
  if (codec.integersOnly) refuseFractions(codec, slab, firstRow);
  const writer = new BitWriter(slab.rows * CELLS);
  const bits = await codec.encode(slab, writer);
  const payloadBits = bits.reduce((sum, count) => sum + count, 0);
  if (payloadBits !== writer.position)
    throw new Error(`codec ${codec.label}: counted ${payloadBits} bits and wrote ${writer.position}`);
  return { rows: slab.rows, payloadBits, payload: writer.toBytes(), labels: slab.labels };
}

/** Charges [rows, 48] of a block; refuses (InputError) bits that are not exactly its rows. */
export async function decodeBlock(codec: OpenCodec, block: Block, name: string): Promise<Float64Array> {
  const reader = new BitReader(block.payload);
  const side = new Map([...block.labels].filter(([label]) => codec.side.includes(label)));
  let charges: Float64Array;
  try {
    charges = await codec.decode(reader, block.rows, side);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${name}: ${error.message}`, { tag: error.tag, cause: error });
  }
  if (reader.position !== block.payloadBits) {
    throw new InputError(
      `${name}: payload not used up: expected ${block.payloadBits} bits, got rows of ${reader.position}`,
      { tag: "corrupt" },
    );
  }
  return charges;
}

function refuseFractions(codec: OpenCodec, { calq, rows }: Slab, firstRow: number): void {
  const at = calq.subarray(0, rows * CELLS).findIndex((charge) => !Number.isInteger(charge));
  if (at < 0) return;
  throw new InputError(
    `row ${firstRow + Math.floor(at / CELLS)} column CALQ_${at % CELLS}: not a whole count: expected integers for ${codec.label}, got ${calq[at]}`,
    { tag: "non-integer", remedy: "--round rounds charges to whole counts and says how many" },
  );
}

/** What a codec lost, added up block by block. */
export class LossCounter {
  rows = 0;
  exactRows = 0;
  largest = 0;
  #squares = 0;
  #sumIn = 0;
  #sumOut = 0;

  add(original: Float64Array, restored: Float64Array): void {
    for (let base = 0; base < original.length; base += CELLS) {
      let exact = true;
      for (let at = base; at < base + CELLS; at++) {
        const error = Math.abs(restored[at] - original[at]);
        if (error > this.largest) this.largest = error;
        if (error !== 0) exact = false;
        this.#squares += error * error;
        this.#sumIn += original[at];
        this.#sumOut += restored[at];
      }
      this.rows++;
      if (exact) this.exactRows++;
    }
  }

  /** Root of the mean squared error per cell, CALQ; undefined without rows. */
  get rms(): number | undefined {
    return this.rows === 0 ? undefined : Math.sqrt(this.#squares / (this.rows * CELLS));
  }

  /** Restored charge over original charge; undefined when there was none. */
  get sumRatio(): number | undefined {
    return this.#sumIn === 0 ? undefined : this.#sumOut / this.#sumIn;
  }
}
