/** Makes the codec hybrid-<training>: see hybridformat.ts for the bits and the two rules that select. */
import { BitReader, BitWriter } from "../core/bits.js";
import { defineCodec, type Codec, type EncoderCost, type OpenCodec } from "../core/codec.js";
import { addCosts } from "../core/encodercost.js";
import type { KernelRunner } from "../core/kernel.js";
import { choiceOf, codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { CELLS, type Slab } from "../core/table.js";
import { COMPARATORS } from "../chip/sortingnetwork.js";
import { kernel as emd } from "../kernels/emd.js";
import { groundDistance } from "../physics/triggercells.js";
import type { AutoencoderParts } from "./aemodel.js";
import { partsFor, trainedLinks, type Training } from "./aetraining.js";
import { linkVariants } from "./chipparameters.js";
import { candidates, classOf, FORMATS, hybridFormat, REST_CLASSES } from "./hybridformat.js";
import { SELECTED } from "./hybridtables.js";
import { openModuleCodec } from "./modulecodec.js";

const CHOICES = ["occupancy", "oracle"] as const;
const SELECTED_BITS = 2;
const DISTANCE_BITS = 32;
const METRIC = groundDistance();

/** EMD of each row after each format, [formats][rows]; NaN where a side is empty. */
async function distances(
  parts: AutoencoderParts,
  links: number,
  slab: Slab,
  kernels: KernelRunner,
): Promise<Float64Array[]> {
  const found: Float64Array[] = [];
  for (const format of candidates(parts, links)) {
    const facts = { label: "", cost: parts.cost, side: [], integersOnly: true };
    const codec = openModuleCodec(facts, () => format);
    const writer = new BitWriter();
    await codec.encode(slab, writer);
    const restored = await codec.decode(new BitReader(writer.toBytes()), slab.rows, slab.labels);
    const inputs = { original: slab.calq, restored, metric: METRIC };
    const { emd: distance } = await kernels.call(emd, inputs, { rows: slab.rows, cells: CELLS, isMetric: 1 });
    found.push(Float64Array.from(distance));
  }
  return found;
}

/** Format of least EMD by row; formats that leave nothing come last. */
function least(distance: readonly Float64Array[], rows: number): Uint8Array {
  const at = (k: number, row: number): number =>
    Number.isNaN(distance[k][row]) ? Infinity : distance[k][row];
  return Uint8Array.from({ length: rows }, (_, row) =>
    FORMATS.reduce((best, __, k) => (at(k, row) < at(best, row) ? k : best), 0),
  );
}

/**
 * Network, sorter, sums and the table side by side; the class is found by seven comparisons of the rest. The oracle also holds a
 * decoder and the pictures' transport solver: the solver's steps have no bound and are not in the count, its distances are.
 */
function costOf({ cost, decoderCost }: AutoencoderParts, choice: (typeof CHOICES)[number]): EncoderCost {
  const table = SELECTED[0].length;
  const both = addCosts(cost, { comparisons: COMPARATORS + CELLS });
  if (choice === "oracle")
    return addCosts(both, decoderCost, {
      comparisons: FORMATS.length - 1,
      parameters: METRIC.length,
      weightBits: METRIC.length * DISTANCE_BITS,
    });
  return addCosts(both, {
    comparisons: REST_CLASSES - 1,
    parameters: table,
    weightBits: table * SELECTED_BITS,
  });
}

function openOracle(
  facts: Omit<OpenCodec, "encode" | "decode">,
  parts: AutoencoderParts,
  links: number,
  kernels: KernelRunner,
): OpenCodec {
  const codecOf = (selected: ArrayLike<number>): OpenCodec =>
    openModuleCodec(facts, () => hybridFormat(parts, links, (_, row) => selected[row]));
  return {
    ...codecOf([]),
    async encode(slab, writer) {
      return codecOf(least(await distances(parts, links, slab, kernels), slab.rows)).encode(slab, writer);
    },
  };
}

export function hybridCodec(training: Training): Codec {
  const owner = {
    id: `hybrid-${training.id}`,
    parameters: {
      links: trainedLinks(training),
      choice: {
        says: "who selects: a table by what the encoder knows, or the true EMD of all three (unlimited: decoders and a solver in the encoder)",
        default: CHOICES[0],
        choices: CHOICES,
      },
    },
  };
  return defineCodec({
    ...owner,
    title: `best choice, super trigger cells or autoencoder ${training.id}`,
    family: "hybrid",
    source: "our own; formats: ECON-T emulator",
    onlyNamed: true,
    variants: () => linkVariants(owner.parameters.links),
    open(given, kernels) {
      const parameters = completeParameters(owner, given);
      const count = numberOf(parameters, "links");
      const parts = partsFor(training, count);
      const choice = choiceOf(parameters, "choice", CHOICES);
      const facts = {
        label: codecLabel(owner, given),
        links: count,
        cost: costOf(parts, choice),
        side: [],
        integersOnly: true,
      };
      if (choice === "oracle") return openOracle(facts, parts, count, kernels);
      const table = SELECTED[count - 2];
      return openModuleCodec(facts, () => hybridFormat(parts, count, (calq) => table[classOf(calq, count)]));
    },
  });
}
