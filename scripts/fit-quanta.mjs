// Fits the static tables of the energy-quanta codec on simulated modules and writes harness/codecs/quantatables.ts:
// `npm run build && node scripts/fit-quanta.mjs`, then build again. No real module is read (fitrows.mjs). Same simulation, same tables.
//
// Three rounds: probabilities from all totals; then, twice, only from the totals that the links can hold with the probabilities
// of the round before. Then the lists of totals, and the mean contents of empty sides.
import { writeFileSync } from "node:fs";
import { built, fitRows, tableFile } from "./fitrows.mjs";

const { Allotment, MOST_QUANTA } = await built("codecs/quantaallot.js");
const { entriesOf, entryOf, ROWS, rowOf, SplitModel, TOTAL } = await built("codecs/quantamodel.js");
const { IntervalWidth } = await built("codecs/intervalcoder.js");
const { codeBits, INDEX_BITS } = await built("codecs/quantaformat.js");
const { FACTOR_UNIT, NEXT_TO, SHARE_UNIT, sizeClass, SIZES } = await built("codecs/quantarestore.js");
const { LEFT, LEVEL, LEVELS, SPLITS } = await built("codecs/quantatree.js");

const LINKS = [1, 2, 3, 4, 5];
const INDICES = 2 ** INDEX_BITS;
/** Modules of each total tried that are added to the simulated ones, as a share of these. */
const ADDED = 1e-4;
/** Beyond this a factor only says that few such sides were seen. */
const MOST_FACTOR = 6;
/** Totals tried: all up to 40, then steps of at most 2.5 %. */
const TRIED = [];
for (let total = 1; total <= MOST_QUANTA; total += total < 40 ? 1 : Math.floor(total / 40)) TRIED.push(total);

const emptyCounts = () =>
  Array.from({ length: LEVELS }, () =>
    Array.from({ length: ROWS }, (_, row) => new Float64Array(entriesOf(row))),
  );

function count(counts, allotment) {
  for (let split = 0; split < SPLITS; split++) {
    const quanta = allotment.quanta[split];
    if (quanta === 0) continue;
    const left = allotment.quanta[LEFT[split]];
    const row = counts[LEVEL[split]][rowOf(quanta)];
    row[entryOf(quanta, left)]++;
    if (LEVEL[split] > 0) row[entryOf(quanta, quanta - left)]++;
  }
}

/** Whole numbers of at least 1 in proportion to `weights`, which add up to `sum`: by largest remainders. */
function apportion(weights, sum) {
  const all = weights.reduce((total, weight) => total + weight, 0);
  const exact = weights.map((weight) => (weight / all) * (sum - weights.length));
  const parts = exact.map((part) => 1 + Math.floor(part));
  const order = exact.map((_, k) => k);
  order.sort((a, b) => (exact[b] % 1) - (exact[a] % 1) || a - b);
  const missing = sum - parts.reduce((total, part) => total + part, 0);
  for (let k = 0; k < missing; k++) parts[order[k % order.length]]++;
  return parts;
}

/** The stored part of a row: whole on level 0, else the first half; an entry in the middle takes an even rest. */
function stored(row, level) {
  const weights = [...row].map((seen) => seen + 0.3);
  if (level === 0) return apportion(weights, TOTAL);
  const half = weights.slice(0, weights.length >> 1);
  if (weights.length % 2 === 0) return apportion(half, TOTAL / 2);
  const middle = weights[weights.length >> 1];
  const parts = apportion([...half, middle / 2], TOTAL / 2);
  return [...parts.slice(0, -1), 2 * parts.at(-1)];
}

function largest(allotment, model, width, length) {
  for (let k = TRIED.length - 1; k > 0; k--) {
    allotment.allot(TRIED[k]);
    width.reset();
    for (let split = 0; split < SPLITS && width.fits(length); split++) {
      const quanta = allotment.quanta[split];
      if (quanta > 0) model.encode(width, LEVEL[split], quanta, allotment.quanta[LEFT[split]]);
    }
    if (width.fits(length)) return TRIED[k];
  }
  allotment.allot(1);
  return 1;
}

/**
 * 32 ascending totals from 1 with the least mean of 1 / total, to which the EMD is nearly proportional, when each module takes
 * the largest that is no larger than its own: by dynamic programming. A few modules of every total are added, for what the
 * simulation may lack.
 */
function bestTotals(found) {
  const weights = TRIED.map((total) => ADDED * found.length + found.filter((one) => one === total).length);
  const behind = [...weights, 0];
  for (let k = TRIED.length - 1; k >= 0; k--) behind[k] += behind[k + 1];
  let costs = TRIED.map((total, k) => behind[k] / total);
  const next = [];
  for (let left = 1; left < INDICES; left++) {
    const choices = TRIED.map((total, k) => {
      let best = { cost: Infinity, to: -1 };
      for (let to = k + 1; to < TRIED.length; to++) {
        const cost = (behind[k] - behind[to]) / total + costs[to];
        if (cost < best.cost) best = { cost, to };
      }
      return best;
    });
    costs = choices.map(({ cost }) => cost);
    next.push(choices.map(({ to }) => to));
  }
  const list = [TRIED[0]];
  for (let k = next.length - 1, at = 0; k >= 0; k--) {
    at = next[k][at];
    list.push(TRIED[at]);
  }
  return list;
}

const indexOf = (totals, total) => totals.findLastIndex((one) => one <= total);

/** Calls `use(index, level, size, quanta, content, weight)` for each split with a side without quanta, content in quanta. */
function visitEmpty(rows, totals, found, use) {
  const allotment = new Allotment();
  rows.forEach((row, k) => {
    const index = indexOf(totals, found[k]);
    const sum = allotment.load(row);
    const size = sizeClass(sum, totals[index]);
    allotment.allot(totals[index]);
    for (let split = 0; split < SPLITS; split++) {
      const quanta = allotment.quanta[split];
      const left = allotment.quanta[LEFT[split]];
      if (quanta === 0 || (left !== 0 && left !== quanta)) continue;
      const fraction = allotment.fraction(split);
      const content = quanta * (left === 0 ? fraction : 1 - fraction);
      use(index, LEVEL[split], size, quanta, content, allotment.energy(split) / sum);
    }
  });
}

const shareAt = (index, level, quanta) => (index * LEVELS + level) * NEXT_TO + Math.min(quanta, NEXT_TO) - 1;

/** Mean content of sides without quanta, weighted by the charge of both sides; indices lend each other statistics. */
function emptyShares(rows, totals, found, factors) {
  const size = INDICES * LEVELS * NEXT_TO;
  const contents = new Float64Array(size);
  const weights = new Float64Array(size);
  visitEmpty(rows, totals, found, (index, level, ofSize, quanta, content, weight) => {
    contents[shareAt(index, level, quanta)] += weight * content;
    weights[shareAt(index, level, quanta)] += weight * factors[level * SIZES + ofSize];
  });
  return Array.from({ length: size }, (_, at) => {
    let content = 0;
    let weight = 0;
    const index = Math.floor(at / (LEVELS * NEXT_TO));
    for (let away = -INDICES; away <= INDICES; away++) {
      if (index + away < 0 || index + away >= INDICES) continue;
      const near = Math.abs(away) <= 2 ? 1 / (1 + Math.abs(away)) : 1e-4 / (away * away);
      content += near * contents[at + away * LEVELS * NEXT_TO];
      weight += near * weights[at + away * LEVELS * NEXT_TO];
    }
    return weight > 0 ? content / weight : 0;
  });
}

/** By level and size of a quantum: how much more than the share of their index sides without quanta have. */
function sizeFactors(rows, totals, found, shares) {
  const contents = new Float64Array(LEVELS * SIZES);
  const expected = new Float64Array(LEVELS * SIZES);
  visitEmpty(rows, totals, found, (index, level, size, quanta, content, weight) => {
    contents[level * SIZES + size] += weight * content;
    expected[level * SIZES + size] += weight * shares[shareAt(index, level, quanta)];
  });
  return Array.from(contents, (content, k) => (expected[k] > 0 ? content / expected[k] : 1));
}

/** Shares and factors by turns: each is the mean, given the other. */
function fitEmpty(rows, totals, found) {
  let factors = new Array(LEVELS * SIZES).fill(1);
  let shares;
  for (let round = 0; round < 4; round++) {
    shares = emptyShares(rows, totals, found, factors);
    factors = sizeFactors(rows, totals, found, shares);
  }
  return {
    shares: shares.map((share) => Math.round(share / SHARE_UNIT)),
    factors: factors.map((factor) => Math.round(Math.min(factor, MOST_FACTOR) / FACTOR_UNIT)),
  };
}

function fit(rows) {
  const allotment = new Allotment();
  const width = new IntervalWidth();
  let counts = emptyCounts();
  rows.forEach((row, k) => {
    allotment.load(row);
    for (let at = k % 4; at < TRIED.length; at += 4) {
      allotment.allot(TRIED[at]);
      count(counts, allotment);
    }
  });
  let found;
  let splitRows;
  for (let round = 0; round < 3; round++) {
    splitRows = counts.map((ofLevel, level) => ofLevel.map((row) => stored(row, level)));
    const model = new SplitModel(splitRows);
    counts = emptyCounts();
    found = LINKS.map((links) =>
      rows.map((row) => {
        allotment.load(row);
        const total = largest(allotment, model, width, codeBits(links));
        count(counts, allotment);
        return total;
      }),
    );
    process.stderr.write(
      `round ${round + 1}: mean totals ${found.map((all) => (all.reduce((a, b) => a + b) / all.length).toFixed(2)).join(" ")}\n`,
    );
  }
  const totals = found.map(bestTotals);
  return { totals, splitRows, empty: LINKS.map((_, k) => fitEmpty(rows, totals[k], found[k])) };
}

const lines = (rows) => rows.map((row) => `  [${row.join(", ")}],`).join("\n");
const { totals, splitRows, empty } = fit(await fitRows());
const text = `/**
 * Static tables of the energy-quanta codec, written by scripts/fit-quanta.mjs from simulated modules only.
 *
 * TOTALS: by links, the numbers of quanta that an index stands for. SPLIT_ROWS: quantamodel.ts, in 1/1024. EMPTY_SHARES: by links,
 * then [index, level, 1 or 2 or more quanta], mean content of a side without quanta (quantarestore.ts), in 1/128 of a quantum.
 * SIZE_FACTORS: by links, then [level, size of a quantum], what the share is multiplied by, in 1/128.
 */
// prettier-ignore
export const TOTALS: readonly (readonly number[])[] = [
${lines(totals)}
];

// prettier-ignore
export const SPLIT_ROWS: readonly (readonly (readonly number[])[])[] = [
${splitRows.map((ofLevel) => ` [\n${lines(ofLevel)}\n ],`).join("\n")}
];

// prettier-ignore
export const EMPTY_SHARES: readonly (readonly number[])[] = [
${empty.map(({ shares: all }) => ` [\n${Array.from({ length: INDICES }, (_, k) => `  ${all.slice(k * LEVELS * NEXT_TO, (k + 1) * LEVELS * NEXT_TO).join(", ")},`).join("\n")}\n ],`).join("\n")}
];

// prettier-ignore
export const SIZE_FACTORS: readonly (readonly number[])[] = [
${lines(empty.map(({ factors }) => factors))}
];
`;
writeFileSync(tableFile("quantatables"), text);
