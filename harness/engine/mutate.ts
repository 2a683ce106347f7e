/**
 * Mutants of a WebAssembly binary: one instruction changed in a way that a slip of the pen could have caused.
 *
 * Sites are found in the functions that a kernel's export reaches. Nothing here runs a mutant (see mutants.ts).
 */
import {
  ByteReader,
  OP,
  VECTOR_PREFIX,
  instructionsOf,
  reachable,
  signedLeb,
  unsignedLeb,
  type Code,
  type Instruction,
} from "../wasm/code.js";

export type MutantKind = "operator" | "boundary" | "comparison" | "constant" | "offset" | "branch" | "lane";

export interface Mutant {
  readonly kind: MutantKind;
  /** "f64.add -> f64.sub", "i32.const 6 -> 7", "load offset 16 -> 24". */
  readonly says: string;
  /** Bytes [start, end) of the binary and what stands there instead. */
  readonly start: number;
  readonly end: number;
  readonly bytes: readonly number[];
}

interface Swap {
  readonly from: string;
  readonly to: string;
  readonly op: number;
  readonly kind: MutantKind;
}

const swaps = new Map<number, Swap[]>();

function swap(
  kind: MutantKind,
  prefix: string,
  base: number,
  pairs: readonly (readonly [string, number, string, number])[],
): void {
  for (const [from, a, to, b] of pairs) {
    const known = swaps.get(base + a) ?? [];
    known.push({ from: `${prefix}.${from}`, to: `${prefix}.${to}`, op: base + b, kind });
    swaps.set(base + a, known);
  }
}

/** Both directions of a pair of operators. */
function both(a: string, x: number, b: string, y: number): (readonly [string, number, string, number])[] {
  return [
    [a, x, b, y],
    [b, y, a, x],
  ];
}

/** Integer arithmetic: opcodes in the order of the specification from `add` on. */
function integers(prefix: string, add: number): void {
  swap("operator", prefix, add, [
    ...both("add", 0, "sub", 1),
    ["mul", 2, "add", 0],
    ...both("and", 7, "or", 8),
    ["xor", 9, "or", 8],
    ...both("shl", 10, "shr_u", 12),
    ["shr_s", 11, "shr_u", 12],
  ]);
}

function floats(prefix: string, add: number, isVector: boolean): void {
  swap("operator", prefix, add, [
    ...both("add", 0, "sub", 1),
    ["mul", 2, "add", 0],
    ["div", 3, "mul", 2],
    ...both("min", 4, "max", 5),
    ...(isVector ? both("pmin", 6, "pmax", 7) : []),
  ]);
}

/** Comparisons: names and opcodes from `eq` on; each is put off by one (boundary) and turned round (comparison). */
function comparisons(prefix: string, eq: number, names: readonly string[]): void {
  const at = new Map(names.map((name, i) => [name, i]));
  const pairs = (name: string, other: string): (readonly [string, number, string, number])[] => {
    const [a, b] = [at.get(name), at.get(other)];
    return a === undefined || b === undefined ? [] : both(name, a, other, b);
  };
  swap("comparison", prefix, eq, pairs("eq", "ne"));
  for (const sign of ["", "_s", "_u"]) {
    swap("boundary", prefix, eq, [...pairs(`lt${sign}`, `le${sign}`), ...pairs(`gt${sign}`, `ge${sign}`)]);
    swap("comparison", prefix, eq, [...pairs(`lt${sign}`, `ge${sign}`), ...pairs(`gt${sign}`, `le${sign}`)]);
  }
}

const INTEGER_ORDER = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"];
const FLOAT_ORDER = ["eq", "ne", "lt", "gt", "le", "ge"];
integers("i32", 0x6a);
integers("i64", 0x7c);
floats("f32", 0x92, false);
floats("f64", 0xa0, false);
floats("f32x4", VECTOR_PREFIX + 228, true);
floats("f64x2", VECTOR_PREFIX + 240, true);
comparisons("i32", 0x46, INTEGER_ORDER);
comparisons("i64", 0x51, INTEGER_ORDER);
comparisons("f32", 0x5b, FLOAT_ORDER);
comparisons("f64", 0x61, FLOAT_ORDER);
comparisons("i8x16", VECTOR_PREFIX + 35, INTEGER_ORDER);
comparisons("i16x8", VECTOR_PREFIX + 45, INTEGER_ORDER);
comparisons("i32x4", VECTOR_PREFIX + 55, INTEGER_ORDER);
comparisons("f32x4", VECTOR_PREFIX + 65, FLOAT_ORDER);
comparisons("f64x2", VECTOR_PREFIX + 71, FLOAT_ORDER);
comparisons("i64x2", VECTOR_PREFIX + 214, ["eq", "ne", "lt_s", "gt_s", "le_s", "ge_s"]);
for (const [prefix, add] of [
  ["i8x16", 110],
  ["i16x8", 142],
  ["i32x4", 174],
  ["i64x2", 206],
] as const) {
  swap("operator", prefix, VECTOR_PREFIX + add, both("add", 0, "sub", 3));
}
swap("operator", "i32x4", VECTOR_PREFIX, [
  ...both("min_s", 182, "max_s", 184),
  ...both("min_u", 183, "max_u", 185),
]);
swap("operator", "v128", VECTOR_PREFIX, [...both("and", 78, "or", 80), ["andnot", 79, "and", 78]]);

function opcode(op: number): number[] {
  return op >= VECTOR_PREFIX ? [0xfd, ...unsignedLeb(op - VECTOR_PREFIX)] : [op];
}

const I32_CONST = 0x41;
const I64_CONST = 0x42;
const F32_CONST = 0x43;
const F64_CONST = 0x44;
const EQZ = 0x45;
const SHUFFLE = VECTOR_PREFIX + 13;
const SHUFFLE_LANES = 16;

/** A constant one larger and one smaller. */
function constants({ bytes }: Code, { op, start, end, immediates }: Instruction): Mutant[] {
  const reader = new ByteReader(bytes, immediates);
  const changed = (type: string, from: string, to: string, encoded: readonly number[]): Mutant => ({
    kind: "constant",
    says: `${type}.const ${from} -> ${to}`,
    start,
    end,
    bytes: [op, ...encoded],
  });
  if (op === I32_CONST || op === I64_CONST) {
    const [type, width] = op === I32_CONST ? (["i32", 32] as const) : (["i64", 64] as const);
    const value = reader.signed();
    return [value + 1n, value - 1n].map((other) => {
      const wrapped = BigInt.asIntN(width, other);
      return changed(type, String(value), String(wrapped), signedLeb(wrapped));
    });
  }
  if (op !== F32_CONST && op !== F64_CONST) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset + immediates, end - immediates);
  const isSingle = op === F32_CONST;
  const value = isSingle ? view.getFloat32(0, true) : view.getFloat64(0, true);
  // Tiny and huge ones are doubled: adding one would be no slip, or no change.
  const usual = Math.abs(value) === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) <= 1e6);
  const others = usual ? [value + 1, value - 1] : [2 * value];
  return others
    .filter((other) => Number.isFinite(other))
    .map((other) => {
      const encoded = isSingle ? Float32Array.of(other) : Float64Array.of(other);
      return changed(isSingle ? "f32" : "f64", String(value), String(other), [
        ...new Uint8Array(encoded.buffer),
      ]);
    });
}

/** Bytes that a load or store moves, undefined for any other instruction. */
function movedBytes(op: number): number | undefined {
  const scalar = [4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4, 4, 8, 4, 8, 1, 2, 1, 2, 4];
  if (op >= 0x28 && op <= 0x3e) return scalar[op - 0x28];
  const vector = op - VECTOR_PREFIX;
  if (vector === 0 || vector === 11) return 16;
  if (vector >= 1 && vector <= 6) return 8;
  if (vector >= 7 && vector <= 10) return 2 ** (vector - 7);
  if (vector >= 84 && vector <= 91) return 2 ** ((vector - 84) % 4);
  return vector === 92 ? 4 : vector === 93 ? 8 : undefined;
}

/** A load or store one element further, and nearer where that is possible. */
function offsets({ bytes }: Code, { op, start, end, immediates }: Instruction): Mutant[] {
  const moved = movedBytes(op);
  if (moved === undefined) return [];
  const reader = new ByteReader(bytes, immediates);
  const alignment = reader.unsigned();
  const offset = reader.unsigned();
  const rest = [...bytes.subarray(reader.at, end)];
  return [offset + moved, offset - moved]
    .filter((other) => other >= 0)
    .map((other) => ({
      kind: "offset" as const,
      says: `offset of ${moved} bytes ${offset} -> ${other}`,
      start,
      end,
      bytes: [...opcode(op), ...unsignedLeb(alignment), ...unsignedLeb(other), ...rest],
    }));
}

/** A condition turned round. */
function branches({ bytes }: Code, { op, start, end }: Instruction): Mutant[] {
  const name = op === OP.brIf ? "br_if" : op === OP.if ? "if" : op === OP.select ? "select" : undefined;
  if (name === undefined) return [];
  const own = [...bytes.subarray(start, end)];
  return [{ kind: "branch", says: `${name} turned round`, start, end, bytes: [EQZ, ...own] }];
}

/** A shuffle that takes one byte from its neighbour. */
function lanes({ bytes }: Code, { op, start, end, immediates }: Instruction): Mutant[] {
  if (op !== SHUFFLE) return [];
  const own = [...bytes.subarray(immediates, end)];
  const lane = (own[0] + 1) % (2 * SHUFFLE_LANES);
  const says = `shuffle byte 0 from ${own[0]} -> ${lane}`;
  return [{ kind: "lane", says, start, end, bytes: [...opcode(op), lane, ...own.slice(1)] }];
}

function operators({ start, immediates, op }: Instruction): Mutant[] {
  return (swaps.get(op) ?? []).map(({ kind, from, to, op: other }) => ({
    kind,
    says: `${from} -> ${to}`,
    start,
    end: immediates,
    bytes: opcode(other),
  }));
}

/** All mutants of the functions that `symbol` reaches, in the order of their bytes. */
export function mutantsOf(code: Code, symbol: string): Mutant[] {
  return reachable(code, symbol)
    .flatMap((body) => instructionsOf(code, body))
    .sort((a, b) => a.start - b.start)
    .flatMap((instruction) => [
      ...operators(instruction),
      ...constants(code, instruction),
      ...offsets(code, instruction),
      ...branches(code, instruction),
      ...lanes(code, instruction),
    ]);
}

/** A probe that traps as soon as the mutant's instruction would run. */
export function probeOf(code: Code, { start, end }: Mutant): Mutant {
  const UNREACHABLE = 0x00;
  const own = code.bytes.subarray(start, end);
  return { kind: "branch", says: "unreachable", start, end, bytes: [UNREACHABLE, ...own] };
}
