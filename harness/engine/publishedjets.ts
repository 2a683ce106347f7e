/** Published figures of jets below the folder that WAFERMARK_DATA names: digitised histograms, and networks trained on real jets. */
import { z } from "zod";
import { exp } from "../core/elementary.js";
import { InputError, printable } from "../core/errors.js";
import { whatIsWrong } from "../core/rows.js";
import { parseStrictJson } from "../core/strictjson.js";
import { readText } from "../io/textfile.js";
import type { ImportedModel } from "../models/imported.js";
import type { DigitisedHistogram } from "./jetrealism.js";
import { loadModel } from "./models.js";

const LATENTS = [8, 14, 20] as const;
const FILES: ReadonlyMap<string, string> = new Map([
  ["jets-atlas-27d", "jets/derived/atlas27_digitised_histograms.json"],
  ["jets-cms-24d", "jets/derived/cms28_digitised_histograms.json"],
  ["jets-cms-19d", "jets/derived/cms28_digitised_histograms.json"],
]);

const pow10 = (y: number): number => exp(2.302585092994046 * y);
/** From an axis as it was plotted to the column's unit. */
const AXES: ReadonlyMap<string, (y: number) => number> = new Map([
  ["y", (y) => y],
  ["10**(2*y+1)", (y) => pow10(2 * y + 1)],
  ["10**(1.8*y)", (y) => pow10(1.8 * y)],
  ["10**(2*y+2)-100", (y) => pow10(2 * y + 2) - 100],
  ["1-10**(4*y)", (y) => 1 - pow10(4 * y)],
  ["10**(.8*y+3)", (y) => pow10(0.8 * y + 3)],
  ["10**(2*y)", (y) => pow10(2 * y)],
  ["10**(y+2)-100", (y) => pow10(y + 2) - 100],
]);

const plotted = z.object({
  y_axis_inverse: z.string(),
  y_min: z.number(),
  y_max: z.number(),
  counts: z.array(z.number().nonnegative()).min(2),
  missing_zero_spike: z.number().nonnegative().optional(),
});
const probabilities = z.object({ pmf_from_1: z.array(z.number().nonnegative()).min(2) });
const shares = z.object({
  min: z.number(),
  max: z.number(),
  fraction: z.array(z.number().nonnegative()).min(2),
});
const file = z.object({ vars: z.record(z.string(), z.union([plotted, probabilities, shares])) });

const evenEdges = (low: number, high: number, bins: number): number[] =>
  Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins);

/** Counts with the spike at zero that a logarithmic plot does not show. */
function withSpike(
  { counts, missing_zero_spike: spike = 0 }: z.infer<typeof plotted>,
  edges: readonly number[],
): number[] {
  const bin = edges.findIndex((low, i) => low <= 0 && edges[i + 1] > 0);
  return counts.map((count, i) => (i === bin ? count + spike : count));
}

function fromPlot(column: string, plot: z.infer<typeof plotted>, where: string): DigitisedHistogram {
  const axis = AXES.get(plot.y_axis_inverse);
  if (axis === undefined) {
    throw new InputError(
      `${where}: ${printable(column, 60)}: unknown axis: expected one of ${[...AXES.keys()].join(", ")}, got ${printable(plot.y_axis_inverse, 60)}`,
      { tag: "schema" },
    );
  }
  const lines = evenEdges(plot.y_min, plot.y_max, plot.counts.length);
  const edges = lines.map(axis);
  const counts = withSpike(plot, lines);
  const falls = edges[0] > edges[edges.length - 1];
  return falls
    ? { column, edges: edges.toReversed(), counts: counts.toReversed() }
    : { column, edges, counts };
}

function histogramOf(
  column: string,
  found: z.infer<typeof file>["vars"][string],
  where: string,
): DigitisedHistogram {
  if ("counts" in found) return fromPlot(column, found, where);
  if ("pmf_from_1" in found) {
    const counts = found.pmf_from_1;
    return { column, edges: Array.from({ length: counts.length + 1 }, (_, k) => k + 0.5), counts };
  }
  const edges = evenEdges(found.min, found.max, found.fraction.length);
  return { column, edges, counts: found.fraction };
}

/** Digitised histograms of the dataset's columns; none where there are none for it. */
export async function publishedHistograms(id: string, folder: string): Promise<DigitisedHistogram[]> {
  const name = FILES.get(id);
  if (name === undefined) return [];
  const path = `${folder}/${name}`;
  const parsed = file.safeParse(parseStrictJson(await readText(path), path));
  if (!parsed.success) {
    throw new InputError(
      `${path}: no digitised histograms: expected vars, got ${whatIsWrong(parsed.error)}`,
      {
        tag: "schema",
      },
    );
  }
  return Object.entries(parsed.data.vars).map(([column, found]) => histogramOf(column, found, path));
}

/** The networks 27-200-200-200-z-... that were trained on real jets of this kind; none for other tables. */
export function publishedNetworks(id: string, folder: string): Promise<ImportedModel[]> {
  if (id !== "jets-atlas-27d") return Promise.resolve([]);
  return Promise.all(
    LATENTS.map((latents) =>
      loadModel(`${folder}/jets/atlas27d_nets/ae27_z${latents}.json`, `jets-200-${latents}`),
    ),
  );
}
