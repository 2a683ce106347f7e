/**
 * Compiles a network to the program that the training kernel interprets (assembly/gradient.ts): steps, and tables of which
 * values meet at which weights. Linear layers of all kinds are one kind of step there.
 *
 * Latents may be floored to a grid after some layer; batch normalisation is refused, since rows are independent in the kernel.
 */
import { InputError } from "../core/errors.js";
import { activationOf, eachTap, upsampleIndices } from "./forward.js";
import {
  kernelEdges,
  product,
  type Activation,
  type Convolution,
  type Plan,
  type PlannedLayer,
} from "./network.js";

/** Where values are put on a grid: after that many layers, floored to `bits` bits in [0, range). */
export interface LatentGrid {
  readonly afterLayers: number;
  readonly bits: number;
  readonly range: number;
}

export interface GradientProgram {
  readonly code: Int32Array;
  readonly scratchBytes: number;
}

const MAGIC = 0x31474d57;
const HEADER = 8;
const STEP = 16;
const LANES = 4;
const KIND = { map: 1, activate: 2, pool: 3, upsample: 4, quantise: 5 } as const;
const ACTIVATION: Readonly<Record<Activation, number>> = {
  linear: 0,
  relu: 1,
  "leaky-relu": 2,
  sigmoid: 3,
  tanh: 4,
};

interface Draft {
  kind: number;
  from: number;
  fromSize: number;
  to: number;
  toSize: number;
  kernel?: number;
  bias?: number;
  channels?: number;
  filters?: number;
  channelStride?: number;
  filterStride?: number;
  byOutput?: readonly number[];
  byInput?: readonly number[];
  byTap?: readonly number[];
  what?: number;
  levels?: number;
}

/** The bits of a float32 as a whole number. */
function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0];
}

interface Tap {
  readonly from: number;
  readonly to: number;
  readonly tap: number;
}

/** Lists with their length before them, one for each of `count` keys. */
function grouped(
  count: number,
  taps: readonly Tap[],
  key: (tap: Tap) => number,
  pair: (tap: Tap) => [number, number],
): number[] {
  const lists = Array.from({ length: count }, (): number[] => []);
  for (const tap of taps) lists[key(tap)].push(...pair(tap));
  return lists.flatMap((list) => [list.length / 2, ...list]);
}

function tapsOf(planned: PlannedLayer, layer: Convolution): Tap[] {
  const taps: Tap[] = [];
  eachTap(layer, planned.inputShape, planned.outputShape, (from, to, tap) => {
    taps.push({ from, to, tap });
  });
  return taps;
}

interface Geometry {
  readonly channels: number;
  readonly filters: number;
  readonly channelStride: number;
  readonly filterStride: number;
  readonly taps: readonly Tap[];
  readonly positions: number;
}

/** A dense layer is a convolution of one pixel with one kernel position. */
function geometryOf(planned: PlannedLayer): Geometry {
  const { layer } = planned;
  if (layer.kind === "dense") {
    const [channels, filters] = planned.tensors[0].shape;
    return {
      channels,
      filters,
      channelStride: filters,
      filterStride: 1,
      taps: [{ from: 0, to: 0, tap: 0 }],
      positions: 1,
    };
  }
  if (layer.kind !== "conv2d" && layer.kind !== "conv2d-transpose")
    throw new Error(`${layer.kind} is not linear`);
  const channels = planned.inputShape[2];
  const { filters } = layer;
  const transposed = layer.kind === "conv2d-transpose";
  return {
    channels,
    filters,
    channelStride: transposed ? 1 : filters,
    filterStride: transposed ? channels : 1,
    taps: tapsOf(planned, layer),
    positions: product(kernelEdges(layer)),
  };
}

function mapStep(planned: PlannedLayer, from: number, to: number): Draft {
  const { channels, filters, channelStride, filterStride, taps, positions } = geometryOf(planned);
  const [fromSize, toSize] = [product(planned.inputShape), product(planned.outputShape)];
  const weight = ({ tap }: Tap): number => tap * channels * filters;
  const byTap = Array.from({ length: positions }, (_, position) => {
    const own = taps.filter(({ tap }) => tap === position);
    return [
      position * channels * filters,
      own.length,
      ...own.flatMap((one) => [one.from * channels, one.to * filters]),
    ];
  });
  return {
    kind: KIND.map,
    from,
    fromSize,
    to,
    toSize,
    kernel: planned.tensors[0].offset,
    bias: planned.tensors[1].offset,
    channels,
    filters,
    channelStride,
    filterStride,
    byOutput: grouped(
      toSize / filters,
      taps,
      (one) => one.to,
      (one) => [one.from * channels, weight(one)],
    ),
    byInput: grouped(
      fromSize / channels,
      taps,
      (one) => one.from,
      (one) => [one.to * filters, weight(one)],
    ),
    byTap: [positions, ...byTap.flat()],
  };
}

/** Flat indices of the values in each output's pooling window. */
function windows(planned: PlannedLayer, size: number): number[] {
  const [, width, channels] = planned.inputShape;
  const [outHeight, outWidth] = planned.outputShape;
  const indices: number[] = [];
  for (let y = 0; y < outHeight; y++)
    for (let x = 0; x < outWidth; x++)
      for (let c = 0; c < channels; c++)
        for (let k = 0; k < size * size; k++)
          indices.push(((y * size + Math.floor(k / size)) * width + x * size + (k % size)) * channels + c);
  return indices;
}

class Compiler {
  readonly steps: Draft[] = [];
  #at = 0;
  #values: number;

  constructor(
    readonly plan: Plan,
    readonly grid: LatentGrid | undefined,
  ) {
    this.#values = plan.inputSize;
  }

  get values(): number {
    return this.#values;
  }

  #place(size: number): number {
    const at = this.#values;
    this.#values += size;
    return at;
  }

  run(): void {
    this.plan.layers.forEach((planned, index) => {
      if (this.grid?.afterLayers === index) this.#quantise(product(planned.inputShape), this.grid);
      this.#layer(planned, index);
    });
  }

  #quantise(size: number, { bits, range }: LatentGrid): void {
    const to = this.#place(size);
    const step = floatBits(range / 2 ** bits);
    this.steps.push({
      kind: KIND.quantise,
      from: this.#at,
      fromSize: size,
      to,
      toSize: size,
      kernel: step,
      levels: 2 ** bits,
    });
    this.#at = to;
  }

  #layer(planned: PlannedLayer, index: number): void {
    const { layer } = planned;
    const [fromSize, toSize] = [product(planned.inputShape), product(planned.outputShape)];
    const from = this.#at;
    if (layer.kind === "batch-norm")
      throw new InputError(
        `network ${this.plan.network.id}: layer ${index}: expected no batch normalisation for training, got some`,
        { tag: "layer" },
      );
    if (layer.kind === "conv2d" || layer.kind === "conv2d-transpose" || layer.kind === "dense") {
      this.#at = this.#place(toSize);
      this.steps.push(mapStep(planned, from, this.#at));
    } else if (layer.kind === "max-pool") {
      this.#at = this.#place(toSize);
      const byOutput = windows(planned, layer.size);
      this.steps.push({
        kind: KIND.pool,
        from,
        fromSize,
        to: this.#at,
        toSize,
        what: layer.size ** 2,
        byOutput,
      });
    } else if (layer.kind === "upsample") {
      this.#at = this.#place(toSize);
      const byOutput = [...upsampleIndices(planned, layer.size)];
      this.steps.push({ kind: KIND.upsample, from, fromSize, to: this.#at, toSize, byOutput });
    }
    const activation = ACTIVATION[activationOf(layer)];
    if (activation !== 0)
      this.steps.push({
        kind: KIND.activate,
        from: this.#at,
        fromSize: toSize,
        to: this.#at,
        toSize,
        what: activation,
      });
  }
}

/** The program of a plan; refuses (InputError) layers that cannot be trained row by row. */
export function compileGradient(plan: Plan, grid?: LatentGrid): GradientProgram {
  const compiler = new Compiler(plan, grid);
  compiler.run();
  const { steps, values } = compiler;
  const tables: number[] = [];
  const tableAt = HEADER + STEP * steps.length;
  const placed = (list: readonly number[] | undefined): number => {
    const at = tableAt + tables.length;
    for (const value of list ?? []) tables.push(value);
    return at;
  };
  const coded = steps.flatMap((s) => [
    s.kind,
    s.from,
    s.fromSize,
    s.to,
    s.toSize,
    s.kernel ?? 0,
    s.bias ?? 0,
    s.channels ?? 0,
    s.filters ?? 0,
    s.channelStride ?? 0,
    s.filterStride ?? 0,
    placed(s.byOutput),
    placed(s.byInput),
    placed(s.byTap),
    s.what ?? 0,
    s.levels ?? 0,
  ]);
  const { inputSize, outputSize, parameters, network } = plan;
  const header = [MAGIC, steps.length, inputSize, outputSize, parameters, values, floatBits(network.leak), 0];
  return {
    code: Int32Array.from([...header, ...coded, ...tables]),
    scratchBytes: 4 * LANES * (2 * values + parameters),
  };
}
