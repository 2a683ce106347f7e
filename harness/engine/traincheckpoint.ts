/**
 * A training's state between two epochs, as one file: enough to go on as if it had never stopped.
 *
 * Layout, little-endian: "WMKT", u32 length of the JSON, JSON, then float32 arrays [parameters] each: present parameters, both
 * moments, best parameters; last 32 bytes: SHA-256 of all before. Written whole or not at all, so the former one survives.
 */
import { z } from "zod";
import { InputError } from "../core/errors.js";
import { whatIsWrong } from "../core/rows.js";
import { parseStrictJson } from "../core/strictjson.js";
import { hostFileSystem, writeFileAtomic, type FileSystem } from "../io/atomic.js";
import { sha256 } from "../io/hash.js";
import { defaultLimits } from "../io/limits.js";
import { openSource } from "../io/source.js";
import type { TrainState } from "../models/training.js";

/** One line of the learning curve. */
const epochRecord = z.strictObject({
  epoch: z.int().min(0),
  learningRate: z.number(),
  /** Mean loss of the epoch's batches, each before its step; null before the first epoch. */
  loss: z.number().nullable(),
  validationLoss: z.number(),
  /** Mean exact EMD of the validation rows, pitches. */
  validationEmd: z.number().nullable(),
});
export type EpochRecord = z.infer<typeof epochRecord>;

/**
 * Goes up whenever the same settings would give other bits than before, so that no training goes on with other arithmetic than it
 * began with. Engine 1 had kernels of its own for training on modules.
 */
export const TRAINING_ENGINE = 2;

const header = z.strictObject({
  format: z.literal("wafermark-checkpoint"),
  version: z.literal(1),
  engine: z.literal(TRAINING_ENGINE),
  /** SHA-256 of everything that must be the same to go on. */
  fingerprint: z.string(),
  step: z.int().min(0),
  bestEpoch: z.int().min(0),
  curve: z.array(epochRecord).min(1),
  parameters: z.int().min(1),
});

export interface Checkpoint {
  readonly fingerprint: string;
  readonly state: TrainState;
  readonly bestEpoch: number;
  readonly best: Float32Array;
  readonly curve: readonly EpochRecord[];
}

const MAGIC = "WMKT";
const HEAD_BYTES = 8;
const HASH_BYTES = 32;
const ARRAYS = 4;

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** The bytes of a checkpoint. */
export function packCheckpoint({ fingerprint, state, bestEpoch, best, curve }: Checkpoint): Uint8Array {
  const { parameters, firstMoment, secondMoment, step } = state;
  const text = new TextEncoder().encode(
    JSON.stringify({
      format: "wafermark-checkpoint",
      version: 1,
      engine: TRAINING_ENGINE,
      fingerprint,
      step,
      bestEpoch,
      curve,
      parameters: parameters.length,
    }),
  );
  const body = HEAD_BYTES + text.length + 4 * ARRAYS * parameters.length;
  const bytes = new Uint8Array(body + HASH_BYTES);
  bytes.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(bytes.buffer);
  view.setUint32(4, text.length, true);
  bytes.set(text, HEAD_BYTES);
  let at = HEAD_BYTES + text.length;
  for (const values of [parameters, firstMoment, secondMoment, best])
    for (const value of values) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  bytes.set(fromHex(sha256(bytes.subarray(0, body))), body);
  return bytes;
}

/** Engines before the second one did not name themselves. */
const engineOf = z.looseObject({ engine: z.int().default(1) });

function refuseOtherEngine(json: unknown, where: string): void {
  const { data } = engineOf.safeParse(json);
  if (data === undefined || data.engine === TRAINING_ENGINE) return;
  throw new InputError(
    `${where}: checkpoint of another training engine: expected ${TRAINING_ENGINE}, got ${data.engine}`,
    { tag: "checkpoint", remedy: "train again into another --out, or go on with the version that began it" },
  );
}

/** Reads a checkpoint back; refuses (InputError) what is damaged, cut off or something else. */
export function unpackCheckpoint(bytes: Uint8Array, where: string): Checkpoint {
  const refuse = (problem: string): never => {
    throw new InputError(`${where}: not a checkpoint: ${problem}`, { tag: "checkpoint" });
  };
  const body = bytes.length - HASH_BYTES;
  if (body < HEAD_BYTES || new TextDecoder().decode(bytes.subarray(0, 4)) !== MAGIC)
    return refuse(`expected a file that begins with ${MAGIC}, got other bytes`);
  const hash = bytes.subarray(body);
  if (!fromHex(sha256(bytes.subarray(0, body))).every((byte, i) => byte === hash[i]))
    return refuse("expected its own SHA-256 at the end, got another (the file is damaged)");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint32(4, true);
  const text = new TextDecoder().decode(bytes.subarray(HEAD_BYTES, HEAD_BYTES + length));
  const json = parseStrictJson(text, where);
  refuseOtherEngine(json, where);
  const parsed = header.safeParse(json);
  if (!parsed.success) return refuse(`header: ${whatIsWrong(parsed.error)}`);
  const { fingerprint, step, bestEpoch, curve, parameters: count } = parsed.data;
  const start = HEAD_BYTES + length;
  if (start + 4 * ARRAYS * count !== body)
    return refuse(`expected ${4 * ARRAYS * count} bytes of values, got ${body - start}`);
  const array = (n: number): Float32Array =>
    Float32Array.from({ length: count }, (_, i) => view.getFloat32(start + 4 * (n * count + i), true));
  const state = { parameters: array(0), firstMoment: array(1), secondMoment: array(2), step };
  return { fingerprint, state, bestEpoch, best: array(3), curve };
}

/** Where a training keeps its state. */
export interface CheckpointStore {
  load(): Promise<Checkpoint | undefined>;
  save(checkpoint: Checkpoint): Promise<void>;
}

/** A checkpoint file; `load` refuses (InputError) one that is not there, `save` throws WriteError and leaves the former one as it was. */
export function fileStore(path: string, files: FileSystem = hostFileSystem): CheckpointStore {
  return {
    load: async () => unpackCheckpoint(await (await openSource(path, defaultLimits())).bytes(), path),
    save: (checkpoint) => writeFileAtomic(path, packCheckpoint(checkpoint), files),
  };
}
