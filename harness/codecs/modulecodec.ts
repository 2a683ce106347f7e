/**
 * From a format of single modules to a codec of slabs: the row loop, the check of charges, and errors that name the module.
 *
 * Payloads stand one after the other without padding, so a module's bits never depend on how many modules follow it.
 */
import type { OpenCodec } from "../core/codec.js";
import type { BitReader, BitWriter } from "../core/bits.js";
import { InputError } from "../core/errors.js";
import { CELLS, type Slab } from "../core/table.js";
import { CALQ_MAXIMUM } from "../chip/calibration.js";

export type SideLabels = Slab["labels"];

/** How one module is written and read back; arrays are in training order. */
export interface ModuleFormat {
  /** Appends the payload of CALQ [48]; `row` indexes the side labels. */
  encode(calq: Float64Array, writer: BitWriter, row: number, side: SideLabels): void;
  /** Adds the restored charges to `restored` [48], which is all zero. */
  decode(reader: BitReader, restored: Float64Array, row: number, side: SideLabels): void;
}

/** How the modules of a slab are read back together, where that is quicker than one by one. */
export interface SlabReader {
  /** Takes the payload of the next module. */
  read(reader: BitReader): void;
  /** Adds the charges of all modules read to `restored` [rows, 48], which is all zero. */
  restore(restored: Float64Array, side: SideLabels): Promise<void>;
}

type Facts = Pick<OpenCodec, "label" | "cost" | "side" | "integersOnly"> & { readonly links?: number };

function encodeRows(
  facts: Facts,
  format: Pick<ModuleFormat, "encode">,
  slab: Slab,
  writer: BitWriter,
): Uint32Array {
  const bits = new Uint32Array(slab.rows);
  for (let row = 0; row < slab.rows; row++) {
    const calq = slab.calq.subarray(row * CELLS, (row + 1) * CELLS);
    checkCharges(calq, row, facts.integersOnly);
    const start = writer.position;
    format.encode(calq, writer, row, slab.labels);
    bits[row] = writer.position - start;
  }
  return bits;
}

/** A codec whose modules are written one by one and read back slab by slab. */
export function openSlabCodec(
  facts: Facts,
  createEncoder: () => Pick<ModuleFormat, "encode">,
  createReader: (rows: number) => SlabReader,
): OpenCodec {
  return {
    ...facts,
    encode: (slab, writer) => encodeRows(facts, createEncoder(), slab, writer),
    async decode(reader, rows, side) {
      refuseTooManyRows(reader, rows);
      const slabReader = createReader(rows);
      for (let row = 0; row < rows; row++) {
        namingModule(row, () => {
          slabReader.read(reader);
        });
      }
      const restored = new Float64Array(rows * CELLS);
      await slabReader.restore(restored, side);
      return restored;
    },
  };
}

export function openModuleCodec(facts: Facts, createFormat: () => ModuleFormat): OpenCodec {
  return {
    ...facts,
    encode: (slab, writer) => encodeRows(facts, createFormat(), slab, writer),
    decode(reader, rows, side) {
      refuseTooManyRows(reader, rows);
      const format = createFormat();
      const restored = new Float64Array(rows * CELLS);
      for (let row = 0; row < rows; row++) {
        namingModule(row, () => {
          format.decode(reader, restored.subarray(row * CELLS, (row + 1) * CELLS), row, side);
        });
      }
      return restored;
    },
  };
}

/** Refuses (InputError, with row and cell) what is no charge: negative, not finite, and for chip formats not whole or too large. */
function checkCharges(calq: Float64Array, row: number, whole: boolean): void {
  for (let cell = 0; cell < CELLS; cell++) {
    const charge = calq[cell];
    if (charge >= 0 && charge < Infinity && (!whole || (charge <= CALQ_MAXIMUM && Number.isInteger(charge))))
      continue;
    const expected = whole ? `a whole number in 0..${CALQ_MAXIMUM}` : "a finite number >= 0";
    throw new InputError(`row ${row}: CALQ_${cell}: expected ${expected}, got ${charge}`, { tag: "charge" });
  }
}

/** A payload has at least its header: more rows than bits are refused before anything of that size is allocated. */
function refuseTooManyRows(reader: BitReader, rows: number): void {
  if (Number.isSafeInteger(rows) && rows >= 0 && rows <= reader.remaining) return;
  throw new InputError(
    `payloads: row count: expected at most one per bit of ${reader.remaining}, got ${rows}`,
    {
      tag: "truncated",
    },
  );
}

function namingModule(row: number, decode: () => void): void {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`module ${row}: ${error.message}`, { tag: error.tag, cause: error });
  }
}

/** The header of a stored module: there is no bunch crossing, so it is 0; anything else is refused. */
export const STORED_HEADER = 0;

export function checkHeader(header: number): void {
  if (header === STORED_HEADER) return;
  throw new InputError(`payload: header: expected ${STORED_HEADER}, got ${header}`, { tag: "corrupt" });
}
