/**
 * Wafer displays: the input module with its charges, and per codec the decoded module and the difference to the input.
 *
 * The modules are those that the results hold as examples: the same rows under every codec of a dataset.
 */
import type { DatasetResult, QualityResult, Results } from "../../harness/core/results.js";
import { CALQ_PER_MIPT } from "../../harness/core/table.js";
import { join, markup, type Html } from "../escape.js";
import { fixed, MISSING, significant } from "../numbers.js";
import { shownLabel, type Entry } from "../select.js";
import {
  BARE,
  chargeBar,
  chargeClass,
  chargeLabels,
  chargeStep,
  differenceBar,
  differenceCellClass,
  differenceLabels,
} from "../svg/colorscale.js";
import { titleMarkup } from "../svg/axis.js";
import { at, headingMarkup, panelHeading, shared, type Figure, type Part } from "../svg/figure.js";
import { differenceClass } from "../svg/theme.js";
import { mapHeight, waferCells, waferGround, waferLines, waferTexts } from "../svg/wafermap.js";
import { figureFile } from "./name.js";

type Example = QualityResult["examples"][number];

const CELLS = 48;
const INPUT = { width: 330, map: { left: 15, top: 52, width: 300 } };
const PAIR = {
  width: 400,
  left: { left: 12, top: 66, width: 178 },
  right: { left: 210, top: 66, width: 178 },
};

const PAIR_BOTTOM = PAIR.left.top + mapHeight(PAIR.left.width);
const LEFT_BAR = { left: PAIR.left.left + 8, top: PAIR_BOTTOM + 10, width: PAIR.left.width - 16 };
const RIGHT_BAR = { ...LEFT_BAR, left: PAIR.right.left + 8 };

/** What every pair of maps has under the cells and over them. */
const GROUND = shared(join([waferGround(PAIR.left, BARE), waferGround(PAIR.right, differenceClass(0))]));
const OVER = shared(
  join([
    waferLines(PAIR.left),
    waferLines(PAIR.right),
    chargeBar(LEFT_BAR),
    differenceBar(RIGHT_BAR),
    noteMarkup(PAIR.right.left, "decoded − input [CALQ]"),
  ]),
);

function noteMarkup(left: number, text: string): Html {
  return markup`<text class="small m" x="${at(left + PAIR.left.width / 2)}" y="58">${text}</text>`;
}

/** Both maps with their scales: codecs that restore a module alike have them in common. */
function mapsOf({ original, restored }: Example): Part {
  const most = Math.max(...original, ...restored);
  const differences = restored.map((value, i) => value - original[i]);
  const reach = Math.max(...differences.map(Math.abs));
  const scale = shared(chargeLabels(LEFT_BAR, most));
  return shared(
    join([
      GROUND.markup,
      waferCells(PAIR.left, BARE, (cell) => chargeClass(restored[cell], most)),
      waferCells(PAIR.right, differenceClass(0), (cell) => differenceCellClass(differences[cell], reach)),
      OVER.markup,
      scale.markup,
      differenceLabels(RIGHT_BAR, reach),
    ]),
    [...GROUND.definitions, ...OVER.definitions, ...scale.definitions],
  );
}

/** The example of a row by role, when it has all 48 cells. */
export function exampleOf(entry: Entry, role: Example["role"]): Example | undefined {
  return entry.row.examples.find(
    (example) =>
      example.role === role && example.original.length === CELLS && example.restored.length === CELLS,
  );
}

function cellCount(charges: readonly number[]): string {
  const occupancy = charges.filter((charge) => charge > CALQ_PER_MIPT).length;
  return `${occupancy} cell${occupancy === 1 ? "" : "s"} above 1 MIP_T`;
}

/** Few enough digits for a cell. */
function cellText(value: number): string | undefined {
  if (value <= 0) return undefined;
  if (value >= 9999.5) return `${significant(value / 1000, 2)}k`;
  return Number.isInteger(value) ? String(value) : significant(value, 2);
}

/** The input module, charges written into the cells. */
export function inputFigure(results: Results, dataset: DatasetResult, example: Example): Figure {
  const most = Math.max(...example.original);
  const { map } = INPUT;
  const bottom = map.top + mapHeight(map.width);
  const cells = cellCount(example.original);
  const title = `Input, ${example.role} module`;
  const bar = { left: map.left + 20, top: bottom + 14, width: map.width - 40 };
  const body = join([
    headingMarkup(
      {
        title,
        label: `${dataset.title}, row ${example.row}`,
        synthetic: dataset.kind === "synthetic",
        small: true,
      },
      map.left,
      map.left + map.width,
    ),
    waferGround(map, BARE),
    waferCells(map, BARE, (cell) => chargeClass(example.original[cell], most)),
    waferLines(map),
    waferTexts(
      map,
      (cell) => cellText(example.original[cell]),
      (cell) => `n${chargeStep(example.original[cell], most)}`,
    ),
    chargeBar(bar),
    chargeLabels(bar, most),
    markup`<text class="small e" x="${map.left + map.width}" y="${at(bottom + 52)}">charge [CALQ], square-root scale</text><text class="small" x="${map.left}" y="${at(bottom + 52)}">${titleMarkup(cells)}</text>`,
  ]);
  return {
    file: figureFile(results, "wafer", "input", `calq-${example.role}-${dataset.id}`),
    caption: "Input module, charge in CALQ counts; white or bare: no charge.",
    panel: `${title}, row ${example.row}, ${cells}`,
    width: INPUT.width,
    height: Math.ceil(bottom + 62),
    body,
  };
}

/** Decoded module and decoded minus input, side by side. */
export function decodedFigure(
  results: Results,
  dataset: DatasetResult,
  entry: Entry,
  example: Example,
): Figure {
  const emd = example.emd === null ? `EMD ${MISSING}` : `EMD ${fixed(example.emd, 3)} cell`;
  const title = shownLabel(entry.codec);
  const label = `${dataset.title}, ${example.role}, row ${example.row}`;
  const heading = panelHeading(
    { title, label, synthetic: dataset.kind === "synthetic" },
    PAIR.left.left,
    PAIR.width - 12,
  );
  const maps = mapsOf(example);
  const body = join([heading.markup, noteMarkup(PAIR.left.left, `decoded [CALQ], ${emd}`), maps.markup]);
  return {
    file: figureFile(results, "wafer", entry.codec.label, `calq-${example.role}-${dataset.id}`),
    caption: "Decoded, and decoded minus input, in CALQ counts (square-root scales).",
    panel: `${title}, ${example.role} module`,
    width: PAIR.width,
    height: Math.ceil(PAIR_BOTTOM + 38),
    body,
    definitions: [...heading.definitions, ...maps.definitions],
  };
}
