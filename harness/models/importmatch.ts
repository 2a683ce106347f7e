/**
 * Puts the named arrays of a weight file into a network's layers; every array must find its layer and every layer its arrays.
 *
 * Files name and order their arrays as they like, so arrays are grouped by the name before the last part ("conv2d/kernel",
 * "encoder.0.weight") and a layer takes the first group, in natural order of names, whose kinds and shapes are its own. Where
 * layers have names (Keras JSON, our manifests) they must agree instead.
 */
import { InputError, printable } from "../core/errors.js";
import { PARTS, type ImportedPart, type NamedTensor, type PartName } from "./imported.js";
import { plan, type Network, type Plan, type PlannedLayer, type Tensor } from "./network.js";

/** Arrays of one layer in a file, by our kinds: kernel, bias, gamma, beta, moving-mean, moving-variance. */
export interface TensorGroup {
  readonly part: PartName | undefined;
  readonly layer: string;
  readonly tensors: ReadonlyMap<string, NamedTensor>;
}

const KINDS: Readonly<Record<string, string>> = {
  kernel: "kernel",
  bias: "bias",
  gamma: "gamma",
  beta: "beta",
  moving_mean: "moving-mean",
  moving_variance: "moving-variance",
  "moving-mean": "moving-mean",
  "moving-variance": "moving-variance",
  running_mean: "moving-mean",
  running_var: "moving-variance",
  weight: "weight",
};
/** Counters that inference does not need. */
const IGNORED = new Set(["num_batches_tracked"]);
const PART_NAMES: Readonly<Record<string, PartName>> = {
  enc: "encoder",
  encoder: "encoder",
  dec: "decoder",
  decoder: "decoder",
  network: "network",
};

function refuse(where: string, problem: string, tag = "weights"): never {
  throw new InputError(`${where}: ${problem}`, { tag });
}

/** The part, layer and kind in "enc.conv2d/kernel:0", "encoder.0.weight" or "de3.bias". */
function splitName(name: string): { part: PartName | undefined; layer: string; kind: string } {
  const pieces = name
    .replace(/:\d+$/, "")
    .split(/[./]/)
    .filter((piece) => piece !== "");
  const kind = pieces.pop() ?? "";
  const first = pieces[0] ?? "";
  const numbered = /^(en|de)\d+$/.exec(first)?.[1];
  const scoped = Object.hasOwn(PART_NAMES, first) && pieces.length > 1;
  const part = scoped ? PART_NAMES[first] : numbered === undefined ? undefined : PART_NAMES[`${numbered}c`];
  const rest = scoped ? pieces.slice(1) : pieces;
  const layer = rest.filter((piece, i) => piece !== rest[i - 1]).join("/");
  return { part, layer, kind };
}

/** PyTorch's names and [out, in] kernels as ours: a vector called "weight" belongs to a batch normalisation. */
function inOurKinds(where: string, found: ReadonlyMap<string, NamedTensor>): Map<string, NamedTensor> {
  const weight = found.get("weight");
  if (weight === undefined) return new Map(found);
  const others = [...found].filter(([kind]) => kind !== "weight");
  if (weight.shape.length === 1)
    return new Map([["gamma", weight], ...others.map(([k, t]) => [k === "bias" ? "beta" : k, t] as const)]);
  if (weight.shape.length !== 2)
    refuse(where, `weight: expected one or two dimensions, got ${weight.shape.length}`);
  const [outputs, inputs] = weight.shape;
  const values = Float64Array.from(
    { length: weight.values.length },
    (_, i) => weight.values[(i % outputs) * inputs + Math.floor(i / outputs)],
  );
  return new Map([["kernel", { name: weight.name, shape: [inputs, outputs], values }], ...others]);
}

/** Arrays grouped by layer; refuses names that are no layer's, and a name given twice. */
export function groupTensors(tensors: readonly NamedTensor[], where: string): TensorGroup[] {
  const groups = new Map<
    string,
    { part: PartName | undefined; layer: string; found: Map<string, NamedTensor> }
  >();
  for (const tensor of tensors) {
    const { part, layer, kind } = splitName(tensor.name);
    if (IGNORED.has(kind)) continue;
    const shown = printable(tensor.name, 80);
    if (!Object.hasOwn(KINDS, kind))
      refuse(
        where,
        `array ${shown}: unknown kind: expected one of ${Object.keys(KINDS).join(", ")}, got ${printable(kind, 40)}`,
      );
    const key = `${part ?? ""}:${layer}`;
    const group = groups.get(key) ?? { part, layer, found: new Map<string, NamedTensor>() };
    groups.set(key, group);
    if (group.found.has(KINDS[kind])) refuse(where, `array ${shown}: expected once, got twice`);
    group.found.set(KINDS[kind], tensor);
  }
  return [...groups.values()].map(({ part, layer, found }) => ({
    part,
    layer,
    tensors: inOurKinds(`${where}: layer ${printable(layer, 80)}`, found),
  }));
}

const kindOf = (tensor: Tensor): string => tensor.name.slice(tensor.name.indexOf(".") + 1);
const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();
const natural = (a: string, b: string): number => {
  const [left, right] = [a, b].map((name) => name.split(/(\d+)/));
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] === right[i]) continue;
    return i % 2 === 1 ? Number(left[i]) - Number(right[i]) : left[i] < right[i] ? -1 : 1;
  }
  return left.length - right.length;
};

function sameKinds(group: TensorGroup, layer: PlannedLayer): boolean {
  return (
    group.tensors.size === layer.tensors.length &&
    layer.tensors.every((tensor) => group.tensors.has(kindOf(tensor)))
  );
}

function fits(group: TensorGroup, layer: PlannedLayer): boolean {
  return layer.tensors.every((tensor) => {
    const found = group.tensors.get(kindOf(tensor));
    return found !== undefined && sameShape(found.shape, tensor.shape);
  });
}

/** Says what a layer wanted and what the nearest group has. */
function refuseLayer(where: string, layer: PlannedLayer, left: readonly TensorGroup[]): never {
  const wanted = layer.tensors.map((tensor) => `${kindOf(tensor)} [${tensor.shape.join(", ")}]`).join(", ");
  const near = left.find((group) => sameKinds(group, layer)) ?? left.at(0);
  const got =
    near === undefined
      ? "none"
      : `layer ${printable(near.layer, 80)} with ${[...near.tensors].map(([kind, { shape }]) => `${kind} [${shape.join(", ")}]`).join(", ")}`;
  refuse(where, `${layer.layer.kind}: wrong shape: expected ${wanted}, got ${got}`, "shape");
}

function put(where: string, group: TensorGroup, layer: PlannedLayer, parameters: Float64Array): void {
  for (const tensor of layer.tensors) {
    const kind = kindOf(tensor);
    const values = group.tensors.get(kind)?.values ?? new Float64Array();
    const bad = values.findIndex((x) => !Number.isFinite(x) || (kind === "moving-variance" && x < 0));
    if (bad >= 0 || values.length !== tensor.size) {
      const expected = kind === "moving-variance" ? "a finite number >= 0" : "a finite number";
      refuse(
        `${where}: layer ${printable(group.layer, 80)}`,
        bad < 0
          ? `${kind}: expected ${tensor.size} values, got ${values.length}`
          : `${kind}: value ${bad}: expected ${expected}, got ${values[bad]}`,
        "non-finite",
      );
    }
    parameters.set(values, tensor.offset);
  }
}

/** One network filled from groups; `names` are its layers' names where the file has them. Used groups leave `left`. */
function fill(
  where: string,
  planned: Plan,
  names: readonly (string | undefined)[],
  left: TensorGroup[],
): ImportedPart {
  const parameters = new Float64Array(planned.parameters);
  planned.layers.forEach((layer, index) => {
    if (layer.tensors.length === 0) return;
    const name = names[index];
    const at = `${where}: layer ${name === undefined ? index : printable(name, 80)}`;
    const candidates = name === undefined ? left : left.filter((group) => group.layer === name);
    const group = candidates.find((one) => sameKinds(one, layer) && fits(one, layer));
    if (group === undefined) refuseLayer(at, layer, candidates);
    put(where, group, layer, parameters);
    left.splice(left.indexOf(group), 1);
  });
  return { plan: planned, parameters };
}

/** The networks that a file is said to hold, and their layers' names where it gives any. */
export interface Blueprint {
  readonly parts: Readonly<Partial<Record<PartName, Network>>>;
  readonly names?: Readonly<Partial<Record<PartName, readonly (string | undefined)[]>>>;
}

/**
 * The parts of `blueprint` filled with `tensors`. A part of which the file has nothing is left out (an encoder may come alone);
 * refuses (InputError, with the layer) arrays that are missing, of another shape, not finite, or that no layer takes.
 */
export function fillNetworks(
  blueprint: Blueprint,
  tensors: readonly NamedTensor[],
  where: string,
): Partial<Record<PartName, ImportedPart>> {
  const groups = groupTensors(tensors, where).sort((a, b) => natural(a.layer, b.layer));
  if (groups.length === 0) refuse(where, "expected weights, got none");
  const wanted = PARTS.filter((part) => blueprint.parts[part] !== undefined);
  const scoped = groups.some((group) => group.part !== undefined);
  const filled: Partial<Record<PartName, ImportedPart>> = {};
  const unused: TensorGroup[] = [];
  const unscoped = groups.filter((group) => group.part === undefined);
  for (const part of wanted) {
    const network = blueprint.parts[part];
    const left = scoped ? groups.filter((group) => group.part === part) : unscoped;
    if (network === undefined || left.length === 0) continue;
    filled[part] = fill(`${where}: ${part}`, plan(network), blueprint.names?.[part] ?? [], left);
    if (scoped) unused.push(...left);
  }
  const strays = scoped
    ? groups.filter(({ part }) => part === undefined || !wanted.includes(part))
    : unscoped;
  const left = [...unused, ...strays];
  if (left.length > 0)
    refuse(
      where,
      `layer ${printable(left[0].layer, 80)}: expected weights of ${wanted.join(" and ")} only, got one more layer`,
    );
  return filled;
}

/** The one blueprint that `tensors` fit; refuses none and several (the user then has to say which). */
export function chooseBlueprint<T extends Blueprint & { readonly id: string }>(
  known: readonly T[],
  tensors: readonly NamedTensor[],
  where: string,
): T {
  groupTensors(tensors, where); // what is wrong with the arrays themselves is said first
  const fitting = known.filter((blueprint) => {
    try {
      const shapesOnly = tensors.map((tensor) => ({
        ...tensor,
        values: new Float64Array(tensor.values.length),
      }));
      fillNetworks(blueprint, shapesOnly, where);
      return true;
    } catch (error) {
      if (error instanceof InputError) return false;
      throw error;
    }
  });
  if (fitting.length === 1) return fitting[0];
  const ids = fitting.map(({ id }) => id);
  throw new InputError(
    `${where}: no list of layers: expected --arch, got ${ids.length === 0 ? "weights of no known architecture" : `weights that fit ${ids.join(" and ")}`}`,
    {
      tag: "architecture",
      remedy: `--arch ${(ids.length === 0 ? known.map(({ id }) => id) : ids).join(" | ")}`,
    },
  );
}
