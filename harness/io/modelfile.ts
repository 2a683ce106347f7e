/**
 * Model files from outside: JSON manifests with their binary, inline JSON weights, Keras HDF5 weights with a JSON architecture.
 *
 * A folder with encoder and decoder files is one model. What the layers are comes from the manifest, from the JSON beside the
 * HDF5 file, from `--arch`, or from the one known architecture that the shapes fit, in this order.
 */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { InputError, printable } from "../core/errors.js";
import type { ReadLimits } from "../core/reader.js";
import { parseStrictJson } from "../core/strictjson.js";
import { defaultLimits } from "./limits.js";
import { Sha256, sha256 } from "./hash.js";
import { openSource } from "./source.js";

/** A named array as a file has it. */
interface FileTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** One file of a model, read but not understood: what the importers need and no path. */
export interface ModelPiece {
  /** "encoder", "decoder" or undefined for a whole model. */
  readonly part: "encoder" | "decoder" | undefined;
  /** What messages call the file. */
  readonly where: string;
  /** A weight manifest with its binary (empty where values are inline), or the arrays of an HDF5 file with the architecture. */
  readonly content:
    | { readonly kind: "manifest"; readonly json: unknown; readonly binary: Uint8Array }
    | { readonly kind: "arrays"; readonly tensors: readonly FileTensor[]; readonly architecture: unknown };
}

export interface ModelFiles {
  /** Lower-case name: a codec's id may be made of it. */
  readonly id: string;
  readonly sha256: string;
  readonly pieces: readonly ModelPiece[];
}

/** Reads the arrays of an HDF5 file (the parser lives elsewhere). */
export type ReadArrays = (
  bytes: Uint8Array,
  name: string,
  limits: ReadLimits,
) => Promise<readonly FileTensor[]>;

const HDF5_ENDINGS = [".hdf5", ".h5"];
const BINARY_ENDINGS = [".bin", ".f32", ".f64"];
const PARTS = ["encoder", "decoder"] as const;

/** Lower-case letters, digits, dots and hyphens of a file's name. */
function idOf(path: string): string {
  const stem = basename(path, extname(path)).toLowerCase();
  const id = stem.replaceAll(/[^a-z0-9.]+/g, "-").replace(/^[.-]+|[.-]+$/g, "");
  return id === "" ? "model" : id.slice(0, 56);
}

type FileKind = "file" | "folder" | "none";

async function kindOf(path: string): Promise<FileKind> {
  return stat(path).then(
    (found) => (found.isDirectory() ? "folder" : "file"),
    () => "none" as const,
  );
}

/** The first of `paths` that is a file. */
async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await kindOf(path)) === "file") return path;
  return undefined;
}

const withEndings = (path: string, endings: readonly string[]): string[] =>
  endings.map((ending) => join(dirname(path), basename(path, extname(path)) + ending));

class PieceReader {
  readonly #hash = new Sha256();

  constructor(
    readonly readArrays: ReadArrays,
    readonly limits: ReadLimits,
  ) {}

  digest(): string {
    return this.#hash.digest();
  }

  async #bytes(path: string): Promise<Uint8Array> {
    const bytes = await (await openSource(path, this.limits)).bytes();
    this.#hash.update(bytes);
    return bytes;
  }

  async #json(path: string): Promise<unknown> {
    const bytes = await this.#bytes(path);
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (cause) {
      throw new InputError(`${path}: not a text file: expected JSON in UTF-8, got other bytes`, {
        tag: "encoding",
        cause,
      });
    }
    return parseStrictJson(text, path);
  }

  async read(path: string, part: ModelPiece["part"]): Promise<ModelPiece> {
    if (HDF5_ENDINGS.includes(extname(path).toLowerCase())) {
      const beside = await firstFile(withEndings(path, [".json"]));
      const architecture = beside === undefined ? undefined : await this.#json(beside);
      const tensors = await this.readArrays(await this.#bytes(path), path, this.limits);
      return { part, where: path, content: { kind: "arrays", tensors, architecture } };
    }
    const json = await this.#json(path);
    if (isKeras(json)) return this.read(await weightsBeside(path), part);
    const binary = await this.#binary(path, json);
    return { part, where: path, content: { kind: "manifest", json, binary } };
  }

  /** The bytes that a manifest places its arrays in; checked against its length and hash. */
  async #binary(path: string, json: unknown): Promise<Uint8Array> {
    if (typeof json !== "object" || json === null || !("tensors" in json)) return new Uint8Array();
    const found = await firstFile(withEndings(path, BINARY_ENDINGS));
    if (found === undefined)
      throw new InputError(
        `${path}: values are not there: expected a binary beside it ending in ${BINARY_ENDINGS.join(", ")}, got none`,
        { tag: "missing" },
      );
    const bytes = await this.#bytes(found);
    const claim = json as { readonly bytes?: unknown; readonly sha256?: unknown };
    if (typeof claim.bytes === "number" && claim.bytes !== bytes.length)
      throw new InputError(`${found}: wrong length: expected ${claim.bytes} bytes, got ${bytes.length}`, {
        tag: "truncated",
      });
    if (typeof claim.sha256 === "string" && claim.sha256 !== sha256(bytes))
      throw new InputError(
        `${found}: wrong checksum: expected SHA-256 ${printable(claim.sha256, 80)}, got ${sha256(bytes)}`,
        { tag: "checksum" },
      );
    return bytes;
  }
}

const isKeras = (json: unknown): boolean => typeof json === "object" && json !== null && "class_name" in json;

async function weightsBeside(path: string): Promise<string> {
  const found = await firstFile(withEndings(path, HDF5_ENDINGS));
  if (found !== undefined) return found;
  throw new InputError(
    `${path}: an architecture without weights: expected an HDF5 file beside it, got none`,
    {
      tag: "missing",
    },
  );
}

/** The files of a folder that is one model: encoder.* and decoder.* (the encoder may be alone), or one JSON with its binary. */
async function folderParts(path: string): Promise<{ part: ModelPiece["part"]; file: string }[]> {
  const found: { part: ModelPiece["part"]; file: string }[] = [];
  for (const part of PARTS) {
    const file = await firstFile([...HDF5_ENDINGS, ".json"].map((ending) => join(path, part + ending)));
    if (file !== undefined) found.push({ part, file });
  }
  if (found.length > 0) return found;
  const manifests = (await readdir(path)).filter((file) => extname(file) === ".json");
  if (manifests.length === 1) return [{ part: undefined, file: join(path, manifests[0]) }];
  throw new InputError(
    `${path}: no model: expected encoder.* and decoder.* (.hdf5, .h5 or .json), or one .json with its binary, got none of them`,
    { tag: "missing", remedy: "name the file" },
  );
}

/** Reads the files of one model (a file, or a folder with an encoder and a decoder); refuses (InputError) what is not there. */
export async function readModelFiles(
  path: string,
  readArrays: ReadArrays,
  limits = defaultLimits(),
): Promise<ModelFiles> {
  const reader = new PieceReader(readArrays, limits);
  const whole = (await kindOf(path)) === "folder" ? undefined : path;
  const files = whole === undefined ? await folderParts(path) : [{ part: undefined, file: whole }];
  const pieces: ModelPiece[] = [];
  for (const { part, file } of files) pieces.push(await reader.read(file, part));
  return { id: idOf(path), sha256: reader.digest(), pieces };
}
