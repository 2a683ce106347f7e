/**
 * Identity: the charges as they are, the floor of what a format can lose. Carries any finite charge, whole or not.
 *
 * Bits: 4 header (0); 4 kind k; then 48 charges of 18 + k bits each for k = 0..14 (the smallest that fits), or for k = 15 their 48
 * float64 patterns. The module sum is in the charges, to the last bit, and is not sent again.
 */
import { defineCodec } from "../core/codec.js";
import { codecLabel } from "../core/parameters.js";
import { bitLength } from "../chip/floatcodes.js";
import type { BitReader, BitWriter } from "../core/bits.js";
import { FREE } from "../core/encodercost.js";
import { InputError } from "../core/errors.js";
import { checkHeader, openModuleCodec, STORED_HEADER, type ModuleFormat } from "./modulecodec.js";

const HEADER_BITS = 4;
const KIND_BITS = 4;
const KIND_FLOAT = 15;
const SMALLEST_WIDTH = 18;
const LARGEST_WIDTH = 32;

const owner = { id: "identity", parameters: {} };

/** -0 is not the whole number 0: it needs the float form to come back. */
function kindOf(calq: Float64Array): number {
  let width = SMALLEST_WIDTH;
  for (const charge of calq) {
    const isWhole = Number.isInteger(charge) && charge < 2 ** LARGEST_WIDTH && !Object.is(charge, -0);
    if (!isWhole) return KIND_FLOAT;
    width = Math.max(width, bitLength(charge));
  }
  return width - SMALLEST_WIDTH;
}

function writeFloat(writer: BitWriter, value: number): void {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  writer.write(view.getUint32(0), 32);
  writer.write(view.getUint32(4), 32);
}

function readFloat(reader: BitReader): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, reader.read(32));
  view.setUint32(4, reader.read(32));
  const value = view.getFloat64(0);
  if (value >= 0 && value < Infinity) return value;
  throw new InputError(`payload: charge: expected a finite number >= 0, got ${value}`, { tag: "corrupt" });
}

const format: ModuleFormat = {
  encode(calq, writer) {
    const kind = kindOf(calq);
    writer.write(STORED_HEADER, HEADER_BITS);
    writer.write(kind, KIND_BITS);
    for (const charge of calq) {
      if (kind === KIND_FLOAT) writeFloat(writer, charge);
      else writer.write(charge, SMALLEST_WIDTH + kind);
    }
  },
  decode(reader, restored) {
    checkHeader(reader.read(HEADER_BITS));
    const kind = reader.read(KIND_BITS);
    for (let cell = 0; cell < restored.length; cell++)
      restored[cell] = kind === KIND_FLOAT ? readFloat(reader) : reader.read(SMALLEST_WIDTH + kind);
  },
};

export const codec = defineCodec({
  ...owner,
  title: "identity (lossless)",
  family: "floor",
  source: "none: the charges themselves",
  variants: () => [{}],
  open(given) {
    const facts = {
      label: codecLabel(owner, given),
      cost: FREE,
      side: [],
      integersOnly: false,
    };
    return openModuleCodec(facts, () => format);
  },
});
