/**
 * A model inside a container: its networks as our manifest and binary in one piece, so that the file decodes without any other.
 *
 * Layout: manifest length (u32, little-endian), manifest (JSON, UTF-8), binary. The header names the model and the SHA-256 of
 * the piece.
 */
import type { Codec } from "../core/codec.js";
import type { Container } from "../core/container.js";
import { InputError } from "../core/errors.js";
import { parseStrictJson } from "../core/strictjson.js";
import { autoencoderCodec } from "../codecs/aemodel.js";
import { sha256 } from "../io/hash.js";
import type { ImportedModel } from "../models/imported.js";
import { importModel } from "../models/importmodel.js";
import { writeModel } from "../models/ownmanifest.js";
import { loadModel } from "./models.js";
import { loadNamedModel } from "./zoo.js";

export interface SuppliedModel {
  readonly codec: Codec;
  /** What the container's header says of it. */
  readonly reference: { readonly id: string; readonly sha256: string };
  /** The piece that is embedded. */
  readonly bytes: Uint8Array;
}

const LENGTH_BYTES = 4;

/** Manifest and binary of a model in one piece. */
export function packModel({ parts, source }: ImportedModel): Uint8Array {
  const { manifest, binary } = writeModel(parts, { source, normalisation: "sum-top-bit", hash: sha256 });
  const text = new TextEncoder().encode(JSON.stringify(manifest));
  const bytes = new Uint8Array(LENGTH_BYTES + text.length + binary.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, LENGTH_BYTES);
  bytes.set(binary, LENGTH_BYTES + text.length);
  return bytes;
}

/** The model at `path`, or of the zoo by name, as a codec, ready to be embedded. */
export async function supplyModel(path: string, arch?: string): Promise<SuppliedModel> {
  const model = await (arch === undefined ? loadNamedModel(path) : loadModel(path, arch));
  const id = `ae-${model.id.replace(/^ae-?/, "")}`;
  const codec = autoencoderCodec(model, { id, title: `autoencoder ${model.id}`, source: model.source });
  const bytes = packModel(model);
  return { codec, bytes, reference: { id: model.id, sha256: sha256(bytes) } };
}

/** The codec of a container that embeds its model; refuses (InputError) a piece that is damaged or not the one named. */
export function storedCodec({ header, model: bytes }: Container, name: string): Codec {
  const where = `${name}: model`;
  const refuse = (problem: string): never => {
    throw new InputError(`${where}: ${problem}`, { tag: "model" });
  };
  if (header.model === null) return refuse("expected its name in the header, got none");
  if (bytes.length < LENGTH_BYTES) return refuse("expected the model inside the file, got a reference only");
  if (sha256(bytes) !== header.model.sha256)
    return refuse(`expected SHA-256 ${header.model.sha256.slice(0, 12)}, got ${sha256(bytes).slice(0, 12)}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (length > bytes.length - LENGTH_BYTES)
    return refuse(`expected a manifest of at most ${bytes.length - LENGTH_BYTES} bytes, got ${length}`);
  const text = new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
  const json = parseStrictJson(text, where);
  const binary = bytes.subarray(LENGTH_BYTES + length);
  const content = { kind: "manifest", json, binary } as const;
  const { id, sha256: hash } = header.model;
  const model = importModel({ id, sha256: hash, pieces: [{ part: undefined, where, content }] });
  return autoencoderCodec(model, { id: header.codec, title: `autoencoder ${id}`, source: model.source });
}
