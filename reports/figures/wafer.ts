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
import { at, headingMarkup, panelHeading, shared, type Figure, type SharedPart } from "../svg/figure.js";
import { differenceClass } from "../svg/theme.js";
import { mapHeight, waferCells, waferGround, waferLines, waferTexts } from "../svg/wafermap.js";
import { figureFile } from "./name.js";

type Example = QualityResult["examples"][number];

const CELLS = 48;
const ROLES: readonly Example["role"][] = ["quiet", "typical", "busy"];
const INPUT = { width: 330, map: { left: 15, top: 52, width: 300 } };
const PAIR = {
  width: 400,
  left: { left: 12, top: 84, width: 178 },
  right: { left: 210, top: 84, width: 178 },
  /** From one example to the next. */
  pitch: 270,
};

const PAIR_BOTTOM = PAIR.left.top + mapHeight(PAIR.left.width);
const LEFT_BAR = { left: PAIR.left.left + 8, top: PAIR_BOTTOM + 10, width: PAIR.left.width - 16 };
const RIGHT_BAR = { ...LEFT_BAR, left: PAIR.right.left + 8 };

const INPUT_BOTTOM = INPUT.map.top + mapHeight(INPUT.map.width);
const INPUT_BAR = { left: INPUT.map.left + 20, top: INPUT_BOTTOM + 14, width: INPUT.map.width - 40 };
const INPUT_GROUND = shared(waferGround(INPUT.map, BARE));
const INPUT_OVER = shared(
  join([
    waferLines(INPUT.map),
    chargeBar(INPUT_BAR),
    markup`<text class="small e" x="${INPUT.map.left + INPUT.map.width}" y="${at(INPUT_BOTTOM + 52)}">charge [CALQ], square-root scale</text>`,
  ]),
);

/** What every pair of maps has under the cells and over them. */
const GROUND = shared(join([waferGround(PAIR.left, BARE), waferGround(PAIR.right, differenceClass(0))]));
const OVER = shared(
  join([waferLines(PAIR.left), waferLines(PAIR.right), chargeBar(LEFT_BAR), differenceBar(RIGHT_BAR)]),
);
const HEADS = shared(
  join([noteMarkup(PAIR.left.left, "decoded [CALQ]"), noteMarkup(PAIR.right.left, "decoded − input [CALQ]")]),
);

function noteMarkup(left: number, text: string): Html {
  return markup`<text class="small m" x="${at(left + PAIR.left.width / 2)}" y="58">${text}</text>`;
}

/**
 * Both maps, on scales that end at the input's largest charge, so that codecs can be compared: those that restore a module alike
 * have the maps in common.
 */
function mapsOf({ role, row, original, restored }: Example): SharedPart {
  const most = Math.max(...original);
  const scale = shared(
    join([
      markup`<text class="small" x="${PAIR.left.left}" y="76">${role} module, row ${row}</text>`,
      OVER.markup,
      chargeLabels(LEFT_BAR, most),
      differenceLabels(RIGHT_BAR, most),
    ]),
    OVER.definitions,
  );
  const difference = (cell: number): number => restored[cell] - original[cell];
  return shared(
    join([
      GROUND.markup,
      waferCells(PAIR.left, BARE, (cell) => chargeClass(restored[cell], most)),
      waferCells(PAIR.right, differenceClass(0), (cell) => differenceCellClass(difference(cell), most)),
      scale.markup,
    ]),
    [...GROUND.definitions, ...scale.definitions],
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
  const { role, row, original } = example;
  const most = Math.max(...original);
  const { map } = INPUT;
  const cells = cellCount(original);
  const title = `Input, ${role} module, row ${row}`;
  const heading = { title, label: dataset.title, synthetic: dataset.kind === "synthetic" };
  const body = join([
    headingMarkup({ ...heading, small: true }, map.left, map.left + map.width),
    INPUT_GROUND.markup,
    waferCells(map, BARE, (cell) => chargeClass(original[cell], most)),
    INPUT_OVER.markup,
    waferTexts(
      map,
      (cell) => cellText(original[cell]),
      (cell) => `n${chargeStep(original[cell], most)}`,
    ),
    chargeLabels(INPUT_BAR, most),
    markup`<text class="small" x="${map.left}" y="${at(INPUT_BOTTOM + 52)}">${titleMarkup(cells)}</text>`,
  ]);
  return {
    file: figureFile(results, "wafer", "input", `calq-${role}-${dataset.id}`),
    caption: "Input module, charge in CALQ counts; white or bare: no charge.",
    panel: `${title}, ${cells}`,
    width: INPUT.width,
    height: Math.ceil(INPUT_BOTTOM + 62),
    body,
    definitions: [...INPUT_GROUND.definitions, ...INPUT_OVER.definitions],
  };
}

/** The decoded examples, and decoded minus input beside each; undefined when there is none. */
export function decodedFigure(results: Results, dataset: DatasetResult, entry: Entry): Figure | undefined {
  const examples = ROLES.flatMap((role) => exampleOf(entry, role) ?? []);
  if (examples.length === 0) return undefined;
  const name = shownLabel(entry.codec);
  const right = PAIR.right.left + PAIR.right.width;
  const heading = panelHeading(
    { title: name, label: dataset.title, synthetic: dataset.kind === "synthetic" },
    PAIR.left.left,
    right,
  );
  const maps = examples.map(mapsOf);
  const rows = examples.map(({ emd }, i) => {
    const text = emd === null ? `EMD ${MISSING}` : `EMD ${fixed(emd, 3)} cell`;
    return markup`<text x="${right}" y="${at(76 + i * PAIR.pitch)}">${text}</text>`;
  });
  return {
    file: figureFile(results, "wafer", entry.codec.label, `calq-${dataset.id}`),
    caption:
      "Decoded, and decoded minus input, in CALQ counts, on square-root scales that end at the input's largest charge; what is " +
      "beyond has the colour of the end.",
    panel: name,
    width: PAIR.width,
    height: Math.ceil(PAIR_BOTTOM + 38 + (examples.length - 1) * PAIR.pitch),
    body: join([
      heading.markup,
      HEADS.markup,
      maps.map((map, i) => map.at(i * PAIR.pitch)),
      markup`<g class="small e">${rows}</g>`,
    ]),
    definitions: [heading, HEADS, ...maps].flatMap(({ definitions }) => definitions),
  };
}
