// Fits the table by which the codecs hybrid-<training> select, and the probabilities of ae-coded-<training>, on simulated modules and
// writes harness/codecs/hybridtables.ts and aecodedtables.ts: `npm run build && node scripts/fit-hybrid.mjs`, then build again. No real
// module is read (fitrows.mjs). Same simulation and models, same tables. One table serves all trainings; it is fitted with the first
// that has models for all links and was trained on top pairs.
import { writeFileSync } from "node:fs";
import { built, fitRows, tableFile } from "./fitrows.mjs";

const { BitReader, BitWriter } = await built("core/bits.js");
const { latentBits } = await built("chip/autoencoderpayload.js");
const { CLASSES, classOfCode, codesAt, STEPS } = await built("codecs/aecoded.js");
const { autoencoderParts } = await built("codecs/aemodel.js");
const { candidates, classOf, FILLED_CLASSES, formatBits, FORMATS, REST_CLASSES } =
  await built("codecs/hybridformat.js");
const { SUPER_TRIGGER_CELL_TYPES } = await built("chip/supertriggercells.js");
const { readZooModels } = await built("engine/zoo.js");
const { FITTED_TRAINING } = await built("engine/zoocodecs.js");
const { kernel: emd } = await built("kernels/emd.js");
const { groundDistance } = await built("physics/triggercells.js");
const { openPool } = await built("wasm/pool.js");

const LINKS = [2, 3, 4, 5];
const CELLS = 48;
const SHARE_OF_ROWS = 0.3;
const CLASS_TOTAL = 1024;

async function modelsByLinks() {
  const models = (await readZooModels()).filter(({ training }) => training === FITTED_TRAINING);
  return LINKS.map((count) => models.find(({ links }) => links === count)).map(({ model }) =>
    autoencoderParts(model),
  );
}

/** EMD of each row after a format; the largest distance in the module where it leaves nothing. */
async function distances(pool, format, rows) {
  const original = Float64Array.from(rows.flatMap((row) => [...row]));
  const restored = new Float64Array(original.length);
  rows.forEach((row, k) => {
    const writer = new BitWriter(64);
    format.encode(row, writer, k, new Map());
    format.decode(
      new BitReader(writer.toBytes()),
      restored.subarray(k * CELLS, (k + 1) * CELLS),
      k,
      new Map(),
    );
  });
  const metric = groundDistance();
  const most = Math.max(...metric);
  const { emd: found, status } = await pool.call(
    emd,
    { original, restored, metric },
    { rows: rows.length, cells: CELLS, isMetric: 1 },
  );
  return Array.from(found, (distance, k) => (status[k] === 0 ? distance : most));
}

/** By class: the format with the least sum of EMD; classes nobody is in take after the class with less charge left. */
function selectedOf(found, classes) {
  const sums = Array.from({ length: REST_CLASSES * FILLED_CLASSES }, () => FORMATS.map(() => 0));
  classes.forEach((of, row) => {
    for (let k = 0; k < FORMATS.length; k++) sums[of][k] += found[k][row];
  });
  const selected = [];
  sums.forEach((ofClass, at) => {
    const seen = ofClass.some((sum) => sum > 0);
    selected.push(seen ? ofClass.indexOf(Math.min(...ofClass)) : (selected[at - FILLED_CLASSES] ?? 0));
  });
  return { selected, sum: classes.reduce((sum, of, row) => sum + found[selected[of]][row], 0) };
}

/** Largest payload of a format over the rows. */
function largestPayload(format, rows) {
  return rows.reduce((most, row, k) => {
    const writer = new BitWriter(64);
    format.encode(row, writer, k, new Map());
    return Math.max(most, writer.position);
  }, 0);
}

/** The super-trigger-cell type, of those that fit, with which the three formats lose least, and the table that goes with it. */
async function fitLinks(pool, parts, links, rows) {
  const classes = rows.map((row) => classOf(row, links));
  const [best, , network] = candidates(parts, links);
  const [ofBest, ofNetwork] = [await distances(pool, best, rows), await distances(pool, network, rows)];
  let fitted;
  for (const type of SUPER_TRIGGER_CELL_TYPES.keys()) {
    const format = candidates(parts, links, type)[1];
    if (largestPayload(format, rows) > formatBits(links)) continue;
    const found = [ofBest, await distances(pool, format, rows), ofNetwork];
    const { selected, sum } = selectedOf(found, classes);
    const used = classes.filter((of) => selected[of] === 1).length;
    process.stderr.write(
      `${links} links, super trigger cells of type ${type}: mean EMD ${(sum / rows.length).toFixed(4)}, in use for ${used} of ${rows.length} modules\n`,
    );
    if (fitted === undefined || sum < fitted.sum) fitted = { type, selected, sum };
  }
  return fitted;
}

/** Whole numbers of at least 1 in proportion to `weights` that add up to CLASS_TOTAL. */
function apportion(weights) {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const parts = weights.map((weight) => 1 + Math.floor((weight / all) * (CLASS_TOTAL - weights.length)));
  parts[parts.indexOf(Math.max(...parts))] += CLASS_TOTAL - parts.reduce((sum, part) => sum + part, 0);
  return parts;
}

/** By latent: shares of the classes of its codes, all finer steps together. */
function classShares(parts, links, rows) {
  const encode = parts.createEncode();
  const counts = Array.from({ length: parts.latents }, () => new Array(CLASSES).fill(0.3));
  const codes = new Int32Array(parts.latents);
  for (const row of rows) {
    const latents = encode(row);
    for (let step = 1; step < STEPS; step++) {
      codesAt(latents, latentBits(links), step, codes);
      codes.forEach((code, i) => {
        counts[i][classOfCode(code, step)]++;
      });
    }
  }
  return counts.map(apportion);
}

const lines = (rows) => rows.map((row) => `  [${row.join(", ")}],`).join("\n");
const rows = await fitRows(SHARE_OF_ROWS);
const models = await modelsByLinks();
const pool = await openPool({ threads: 1 });
const fitted = [];
for (const [k, links] of LINKS.entries()) fitted.push(await fitLinks(pool, models[k], links, rows));
await pool.close();
writeFileSync(
  tableFile("hybridtables"),
  `/**
 * Which format the codecs hybrid-<training> select, written by scripts/fit-hybrid.mjs from simulated modules only: by links from two
 * on, the type of super trigger cells, and then by class (hybridformat.ts) the format.
 */
export const SUPER_TRIGGER_CELL_TYPE: readonly number[] = [${fitted.map(({ type }) => type).join(", ")}];

// prettier-ignore
export const SELECTED: readonly (readonly number[])[] = [
${lines(fitted.map(({ selected }) => selected))}
];
`,
);
const shares = LINKS.map((links, k) => classShares(models[k], links, rows));
writeFileSync(
  tableFile("aecodedtables"),
  `/**
 * Probabilities of the codecs ae-coded-<training>, written by scripts/fit-hybrid.mjs from simulated modules only: by links from two
 * on, then by latent, share of each class in 1/CLASS_TOTAL.
 */
export const CLASS_TOTAL = ${CLASS_TOTAL};

// prettier-ignore
export const CLASS_SHARES: readonly (readonly (readonly number[])[])[] = [
${shares.map((ofLinks) => ` [\n${lines(ofLinks)}\n ],`).join("\n")}
];
`,
);
