/**
 * Weight files as JSON: ours (layers and tensors, values in a binary beside it) and the three plain shapes in use:
 * inline arrays, byte offsets with a dtype, element offsets of float32.
 *
 * Everything is checked before a value is used: shapes against counts, offsets against the binary's bytes.
 */
import { z } from "zod";
import { InputError, printable } from "../core/errors.js";
import type { NamedTensor } from "./imported.js";
import { product } from "./network.js";

export const MANIFEST_FORMAT = "wafermark-weights";
export const MANIFEST_VERSION = 1;

const size = z
  .int()
  .min(1)
  .max(1 << 20);
const shape = z.array(size).min(1).max(8);
const offset = z.int().min(0);
const tensorName = z.string().min(1).max(256);
const activation = z.enum(["linear", "relu", "leaky-relu", "sigmoid", "tanh"]);
const convolution = {
  filters: size,
  kernel: size,
  kernelColumns: size.exactOptional(),
  stride: size,
  padding: z.int().min(0).max(64).exactOptional(),
  activation,
};

const layer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("conv2d"), ...convolution }),
  z.strictObject({ kind: z.literal("conv2d-transpose"), ...convolution }),
  z.strictObject({ kind: z.literal("dense"), units: size, activation }),
  z.strictObject({
    kind: z.literal("batch-norm"),
    epsilon: z.number().min(0).max(1),
    momentum: z.number().min(0).max(1),
  }),
  z.strictObject({ kind: z.literal("max-pool"), size: z.int().min(1).max(64) }),
  z.strictObject({ kind: z.literal("upsample"), size: z.int().min(1).max(64) }),
  z.strictObject({ kind: z.literal("flatten") }),
  z.strictObject({ kind: z.literal("reshape"), to: shape }),
  z.strictObject({ kind: z.literal("activation"), activation }),
  z.strictObject({
    kind: z.literal("quantise"),
    bits: z.int().min(1).max(16),
    low: z.number(),
    high: z.number(),
    rounding: z.enum(["floor", "round"]),
  }),
]);

const part = z.enum(["encoder", "decoder", "network"]);
const edge = z.strictObject({ part, shape });

export const ownManifest = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  version: z.literal(MANIFEST_VERSION),
  source: z.string().max(1024),
  leak: z.number().min(0).max(1),
  layers: z.array(z.strictObject({ part, layer })).min(1).max(256),
  /** What the inputs were divided by: the top bit of the module sum, or nothing. */
  normalisation: z.enum(["sum-top-bit", "none"]),
  inputs: z.array(edge).min(1).max(2),
  outputs: z.array(edge).min(1).max(2),
  /** Named "<part>.<layer index in its part>.<kernel, bias, gamma, ...>". */
  tensors: z
    .array(z.strictObject({ name: tensorName, shape, dtype: z.enum(["<f4", "<f8"]), offset }))
    .min(1)
    .max(4096),
  bytes: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** How the weights were trained: for readers and for retraining; nothing is computed from it. */
  training: z.record(z.string(), z.unknown()).optional(),
});
export type OwnManifest = z.infer<typeof ownManifest>;

const inline = z.object({
  source: z.string().optional(),
  layers: z
    .array(z.object({ name: tensorName, shape, data: z.array(z.number()) }))
    .min(1)
    .max(4096),
});
const placed = z.object({
  source: z.string().optional(),
  dtype: z.string().optional(),
  bytes: z.int().min(1).optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  tensors: z
    .array(z.object({ name: tensorName, shape, offset }))
    .min(1)
    .max(4096),
});

/** The values of a manifest, and what it says its binary is. */
export interface ReadTensors {
  readonly tensors: readonly NamedTensor[];
  readonly source: string;
  readonly own?: OwnManifest;
}

/** What a manifest claims about its binary; undefined for inline values. */
export interface BinaryClaim {
  readonly bytes?: number;
  readonly sha256?: string;
}

export type Manifest =
  | { readonly kind: "own"; readonly value: OwnManifest }
  | { readonly kind: "inline"; readonly value: z.infer<typeof inline> }
  | { readonly kind: "placed"; readonly value: z.infer<typeof placed> };

function refuse(where: string, problem: string, tag = "manifest"): never {
  throw new InputError(`${where}: ${problem}`, { tag });
}

function checked<T>(schema: z.ZodType<T>, json: unknown, where: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return refuse(
    where,
    `${issue.path.map(String).join(".") || "manifest"}: not a weight manifest: ${issue.message}`,
  );
}

const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === "object" && json !== null && !Array.isArray(json);

/** Which of the four shapes a parsed JSON text has; refuses (InputError) all others. */
export function readManifest(json: unknown, where: string): Manifest {
  if (!isObject(json)) refuse(where, "expected a weight manifest, got no JSON object");
  if ("format" in json) {
    const { format, version } = json;
    if (format !== MANIFEST_FORMAT)
      refuse(where, `format: expected ${MANIFEST_FORMAT}, got ${printable(String(format), 60)}`);
    if (typeof version === "number" && version > MANIFEST_VERSION)
      refuse(
        where,
        `written by a newer version: expected version ${MANIFEST_VERSION} or older, got ${version}`,
      );
    return { kind: "own", value: checked(ownManifest, json, where) };
  }
  if ("tensors" in json) return { kind: "placed", value: checked(placed, json, where) };
  return { kind: "inline", value: checked(inline, json, where) };
}

/** What the binary beside a manifest must be; undefined where there is none. */
export function binaryClaim({ kind, value }: Manifest): BinaryClaim | undefined {
  if (kind === "inline") return undefined;
  return {
    ...(value.bytes === undefined ? {} : { bytes: value.bytes }),
    ...(value.sha256 === undefined ? {} : { sha256: value.sha256 }),
  };
}

const ITEM_BYTES: Readonly<Record<string, number>> = { "<f4": 4, float32: 4, "<f8": 8, float64: 8 };

function itemBytes(where: string, dtype: string): number {
  if (!Object.hasOwn(ITEM_BYTES, dtype))
    refuse(
      where,
      `dtype: expected one of ${Object.keys(ITEM_BYTES).join(", ")}, got ${printable(dtype, 40)}`,
    );
  return ITEM_BYTES[dtype];
}

function valuesAt(
  where: string,
  binary: Uint8Array,
  start: number,
  count: number,
  item: number,
): Float64Array {
  if (start + count * item > binary.length)
    refuse(
      where,
      `outside its binary: expected at most ${binary.length} bytes, got ${start + count * item}`,
      "truncated",
    );
  const view = new DataView(binary.buffer, binary.byteOffset + start, count * item);
  return Float64Array.from({ length: count }, (_, i) =>
    item === 4 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true),
  );
}

/** All arrays of a manifest; `binary` is needed by all but inline ones. */
export function manifestTensors(manifest: Manifest, binary: Uint8Array, where: string): ReadTensors {
  if (manifest.kind === "inline") {
    const { layers, source } = manifest.value;
    const tensors = layers.map(({ name, shape: edges, data }) => {
      if (data.length !== product(edges))
        refuse(
          where,
          `array ${printable(name, 80)}: wrong shape: expected ${product(edges)} values for [${edges.join(", ")}], got ${data.length}`,
          "shape",
        );
      return { name, shape: edges, values: Float64Array.from(data) };
    });
    return { tensors, source: source ?? where };
  }
  if (manifest.kind === "own") {
    const own = manifest.value;
    const tensors = own.tensors.map(({ name, shape: edges, dtype, offset: start }) => ({
      name,
      shape: edges,
      values: valuesAt(
        `${where}: array ${printable(name, 80)}`,
        binary,
        start,
        product(edges),
        itemBytes(where, dtype),
      ),
    }));
    return { tensors, source: own.source, own };
  }
  const { dtype, tensors: listed, source } = manifest.value;
  // Without a dtype, offsets count elements of float32.
  const item = itemBytes(where, dtype ?? "<f4");
  const unit = dtype === undefined ? item : 1;
  const tensors = listed.map(({ name, shape: edges, offset: start }) => ({
    name,
    shape: edges,
    values: valuesAt(`${where}: array ${printable(name, 80)}`, binary, start * unit, product(edges), item),
  }));
  return { tensors, source: source ?? where };
}
