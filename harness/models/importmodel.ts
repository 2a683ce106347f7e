/**
 * Files of a model to checked networks: the layers from the file, from `--arch` or from the shapes; the weights into them.
 *
 * Refused here (InputError, with the layer): unknown layers, missing or surplus weights, wrong shapes, values that are not finite.
 */
import { CONDITIONS } from "./conditions.js";
import { InputError } from "../core/errors.js";
import { architectureOf, architectures } from "./architectures.js";
import type { ImportedModel, ImportedPart, NamedTensor, PartName } from "./imported.js";
import { kerasBlueprint } from "./importkeras.js";
import { manifestTensors, readManifest } from "./importmanifest.js";
import { chooseBlueprint, fillNetworks, type Blueprint } from "./importmatch.js";
import { manifestBlueprint } from "./ownmanifest.js";

/** One file as it was read: see io/modelfile.ts. */
export interface Piece {
  readonly part: "encoder" | "decoder" | undefined;
  readonly where: string;
  readonly content:
    | { readonly kind: "manifest"; readonly json: unknown; readonly binary: Uint8Array }
    | { readonly kind: "arrays"; readonly tensors: readonly NamedTensor[]; readonly architecture: unknown };
}

interface Understood {
  readonly tensors: readonly NamedTensor[];
  /** Layers that the file itself lists. */
  readonly blueprint: Blueprint | undefined;
  readonly source: string;
}

function understand({ part, where, content }: Piece): Understood {
  if (content.kind === "manifest") {
    const read = manifestTensors(readManifest(content.json, where), content.binary, where);
    const blueprint = read.own === undefined ? undefined : manifestBlueprint(read.own, where);
    return { tensors: read.tensors, blueprint, source: read.source };
  }
  const { tensors, architecture } = content;
  const blueprint = architecture === undefined ? undefined : kerasBlueprint(architecture, where, part);
  return { tensors, blueprint, source: where };
}

/** Arrays of a file that is one part, under that part's name. */
function scoped(part: Piece["part"], tensors: readonly NamedTensor[]): readonly NamedTensor[] {
  return part === undefined ? tensors : tensors.map((one) => ({ ...one, name: `${part}/${one.name}` }));
}

/** A Keras file without nested models has no part in its names; its blueprint has only one. */
function scopeOf(piece: Piece, blueprint: Blueprint | undefined): Piece["part"] {
  if (piece.part !== undefined || piece.content.kind === "manifest" || blueprint === undefined)
    return piece.part;
  const parts = Object.keys(blueprint.parts);
  return parts.length === 1 && (parts[0] === "encoder" || parts[0] === "decoder") ? parts[0] : undefined;
}

/** The networks of a model's files. `arch` names the architecture where the files do not list their layers. */
export function importModel(
  files: { readonly id: string; readonly sha256: string; readonly pieces: readonly Piece[] },
  arch?: string,
): ImportedModel {
  const where = files.pieces[0].where;
  const known = arch === undefined ? undefined : architectureOf(arch);
  const understood = files.pieces.map((piece) => ({ piece, ...understand(piece) }));
  const parts: Partial<Record<PartName, ImportedPart>> = {};
  const bare: NamedTensor[] = [];
  for (const { piece, tensors, blueprint } of understood) {
    const named = scoped(scopeOf(piece, blueprint), tensors);
    if (blueprint === undefined) bare.push(...named);
    else Object.assign(parts, fillNetworks(blueprint, named, piece.where));
  }
  let architecture = "own";
  if (bare.length > 0) {
    const blueprint = known ?? chooseBlueprint(architectures, bare, where);
    architecture = blueprint.id;
    Object.assign(parts, fillNetworks(blueprint, bare, where));
  } else if (arch !== undefined) {
    throw new InputError(`${where}: --arch: expected none (the file lists its layers), got ${arch}`, {
      tag: "architecture",
    });
  }
  refuseGap(where, parts);
  return { id: files.id, architecture, sha256: files.sha256, source: understood[0].source, parts };
}

/** An encoder's outputs are its decoder's inputs; conditions may stand behind them. */
function refuseGap(where: string, { encoder, decoder }: ImportedModel["parts"]): void {
  if (encoder === undefined || decoder === undefined) return;
  const { outputSize } = encoder.plan;
  if ([outputSize, outputSize + CONDITIONS].includes(decoder.plan.inputSize)) return;
  throw new InputError(
    `${where}: decoder: input: expected the ${outputSize} outputs of the encoder (or ${CONDITIONS} conditions behind them), got ${decoder.plan.inputSize}`,
    { tag: "shape" },
  );
}
