/** Mean EMD of a codec over rows, through its bits: what the published figures of models are compared with. Test code only. */
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import type { Codec, Parameters } from "../../harness/core/codec.js";
import type { KernelRunner } from "../../harness/core/kernel.js";
import { CELLS, type Slab } from "../../harness/core/table.js";
import { metric as emd } from "../../harness/metrics/emd.js";

export interface CodecMean {
  readonly label: string;
  readonly bitsPerModule: number;
  readonly restored: Float64Array;
  readonly emd: Float64Array;
  readonly mean: number;
}

export const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

const slabOf = (calq: Float64Array): Slab => ({ rows: calq.length / CELLS, calq, labels: new Map() });

export async function codecMean(
  codec: Codec,
  parameters: Parameters,
  calq: Float64Array,
  kernels: KernelRunner,
): Promise<CodecMean> {
  const open = await codec.open(parameters, kernels);
  const slab = slabOf(calq);
  const writer = new BitWriter();
  const bits = await open.encode(slab, writer);
  const restored = await open.decode(new BitReader(writer.toBytes()), slab.rows, new Map());
  const values = await emd.of(slab, slabOf(restored), kernels);
  return { label: open.label, bitsPerModule: meanOf(bits), restored, emd: values, mean: meanOf(values) };
}
