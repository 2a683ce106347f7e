/** Our own weight files: networks to one JSON manifest and one little-endian binary, and the manifest's layers back. */
import { InputError } from "../core/errors.js";
import { PARTS, type ImportedPart, type NamedTensor, type PartName } from "./imported.js";
import { MANIFEST_FORMAT, MANIFEST_VERSION, type OwnManifest } from "./importmanifest.js";
import type { Blueprint } from "./importmatch.js";
import type { Network } from "./network.js";

export interface WrittenModel {
  readonly manifest: OwnManifest;
  readonly binary: Uint8Array;
}

/** Facts that the networks themselves do not have. */
export interface ManifestFacts {
  readonly source: string;
  readonly normalisation: OwnManifest["normalisation"];
  /** SHA-256 of bytes, hexadecimal. */
  readonly hash: (bytes: Uint8Array) => string;
  /** Of the binary: float64 unless said otherwise. */
  readonly dtype?: "<f4" | "<f8";
  /** How the weights were trained, where it was here. */
  readonly training?: Readonly<Record<string, unknown>>;
}

/** The arrays of a part under their names in a manifest. */
function tensorsOf(part: PartName, { plan, parameters }: ImportedPart): NamedTensor[] {
  return plan.layers.flatMap((layer) =>
    layer.tensors.map(({ name, shape, offset, size }) => ({
      name: `${part}.${name}`,
      shape,
      values: parameters.slice(offset, offset + size),
    })),
  );
}

/** Manifest and binary of the given parts. */
export function writeModel(
  parts: Readonly<Partial<Record<PartName, ImportedPart>>>,
  { source, normalisation, hash, dtype = "<f8", training }: ManifestFacts,
): WrittenModel {
  const present = PARTS.flatMap((name) => {
    const found = parts[name];
    return found === undefined ? [] : [{ name, ...found }];
  });
  const tensors = present.flatMap((one) => tensorsOf(one.name, one));
  const width = dtype === "<f4" ? 4 : 8;
  const binary = new Uint8Array(width * tensors.reduce((sum, { values }) => sum + values.length, 0));
  const view = new DataView(binary.buffer);
  let at = 0;
  const listed = tensors.map(({ name, shape, values }) => {
    const offset = at;
    for (const value of values) {
      if (dtype === "<f4") view.setFloat32(at, value, true);
      else view.setFloat64(at, value, true);
      at += width;
    }
    return { name, shape: [...shape], dtype, offset };
  });
  const manifest: OwnManifest = {
    format: MANIFEST_FORMAT,
    version: MANIFEST_VERSION,
    source,
    leak: present[0].plan.network.leak,
    layers: present.flatMap(({ name, plan }) =>
      plan.network.layers.map((layer) => ({
        part: name,
        layer: layer.kind === "reshape" ? { kind: layer.kind, to: [...layer.to] } : layer,
      })),
    ),
    normalisation,
    inputs: present.map(({ name, plan }) => ({ part: name, shape: [...plan.network.input] })),
    outputs: present.map(({ name, plan }) => ({
      part: name,
      shape: [...(plan.layers.at(-1)?.outputShape ?? plan.network.input)],
    })),
    tensors: listed,
    bytes: binary.length,
    sha256: hash(binary),
    ...(training === undefined ? {} : { training: { ...training } }),
  };
  return { manifest, binary };
}

/** The networks that a manifest lists; refuses (InputError) layers of a part without an input. */
export function manifestBlueprint(manifest: OwnManifest, where: string): Blueprint {
  const parts: Partial<Record<PartName, Network>> = {};
  const names: Partial<Record<PartName, string[]>> = {};
  for (const part of PARTS) {
    const layers = manifest.layers.filter((one) => one.part === part).map(({ layer }) => layer);
    if (layers.length === 0) continue;
    const input = manifest.inputs.find((one) => one.part === part)?.shape;
    if (input === undefined)
      throw new InputError(`${where}: inputs: expected the shape of ${part}, got none`, { tag: "manifest" });
    parts[part] = { id: part, input, layers, leak: manifest.leak };
    names[part] = layers.map((_, i) => String(i));
  }
  return { parts, names };
}
