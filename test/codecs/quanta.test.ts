// Energy quanta: tables that are probabilities, trees that hold every cell once, payloads of fixed length, quanta where the charge
// is, and pictures nearer to the true ones than best choice makes at the same links.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Allotment, MOST_QUANTA } from "../../harness/codecs/quantaallot.js";
import { entriesOf, entryOf, ROWS, rowOf, TOTAL } from "../../harness/codecs/quantamodel.js";
import { EMPTY_SHARES, SIZE_FACTORS, SPLIT_ROWS, TOTALS } from "../../harness/codecs/quantatables.js";
import { LEFT, LEVELS, RIGHT, SLOTS, SPLITS, TREE } from "../../harness/codecs/quantatree.js";
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import { rng } from "../../harness/core/rng.js";
import { rowsOfHalf } from "../../harness/core/rowhalf.js";
import { CELLS, type ModuleTable, type Slab } from "../../harness/core/table.js";
import { makeVariant } from "../../harness/engine/datasets.js";
import { pickRows } from "../../harness/engine/pickrows.js";
import { occupancyOf, SLICE_COUNT, sliceOf } from "../../harness/engine/occupancy.js";
import { readers } from "../../harness/engine/plugins.generated.js";
import { readModules } from "../../harness/io/moduletable.js";
import { metric as emd } from "../../harness/metrics/emd.js";
import { openPool, type Pool } from "../../harness/wasm/pool.js";
import { openCodec, runCodec } from "./codecrun.js";

const LINKS = [1, 2, 3, 4, 5];
/** The ECON-T's autoencoder: 2144 weights of 6 bits. */
const YARDSTICK_BITS = 2144 * 6;

describe("tables", () => {
  it("are probabilities: positive, adding up to the whole", () => {
    expect(SPLIT_ROWS).toHaveLength(LEVELS);
    SPLIT_ROWS.forEach((rows, level) => {
      expect(rows).toHaveLength(ROWS);
      rows.forEach((stored, row) => {
        const entries = entriesOf(row);
        expect(stored).toHaveLength(level === 0 ? entries : Math.ceil(entries / 2));
        const mirrored = level === 0 ? [] : stored.slice(0, Math.floor(entries / 2));
        expect([...stored, ...mirrored].reduce((sum, share) => sum + share, 0)).toBe(TOTAL);
        expect(Math.min(...stored)).toBeGreaterThanOrEqual(1);
      });
    });
  });

  it("list 32 ascending totals from 1 for each link count, and shares and factors for them", () => {
    for (const totals of TOTALS) {
      expect(totals).toHaveLength(32);
      expect(totals[0]).toBe(1);
      expect(totals.every((total, k) => k === 0 || total > totals[k - 1])).toBe(true);
      expect(totals.at(-1)).toBeLessThanOrEqual(MOST_QUANTA);
    }
    expect(TOTALS).toHaveLength(LINKS.length);
    for (const shares of EMPTY_SHARES) expect(shares).toHaveLength(32 * LEVELS * 3);
    for (const factors of SIZE_FACTORS) expect(factors).toHaveLength(LEVELS * 8);
  });

  it("give every number of quanta one entry, in ascending order", () => {
    for (const count of [1, 2, 15, 16, 17, 31, 64, 100, 1023]) {
      const entries = Array.from({ length: count + 1 }, (_, left) => entryOf(count, left));
      expect(entries.every((entry, left) => left === 0 || entry >= entries[left - 1])).toBe(true);
      expect(entries[0]).toBe(0);
      expect(entries[count]).toBe(entriesOf(rowOf(count)) - 1);
      expect(entries.filter((entry) => entry === 0)).toHaveLength(1);
      expect(entries.filter((entry) => entry === entries[count])).toHaveLength(1);
    }
  });

  it("are smaller than the ECON-T's weights", async () => {
    const { cost } = await openCodec("quanta:links=2");
    expect(cost.weightBits).toBeLessThanOrEqual(YARDSTICK_BITS);
  });
});

describe("tree", () => {
  it("fills every slot but the first from exactly one split, always one before it", () => {
    expect(TREE).toHaveLength(SPLITS);
    const filled = [...LEFT, ...RIGHT].sort((a, b) => a - b);
    expect(filled).toEqual(Array.from({ length: SLOTS - 1 }, (_, k) => k + 1));
    TREE.forEach(({ left, right }, split) => {
      expect(Math.min(LEFT[split], RIGHT[split])).toBeGreaterThan(split);
      if (split > 0) expect(left).toHaveLength(right.length);
    });
  });

  it("shares out every quantum, to each side as its charge is", () => {
    const allotment = new Allotment();
    for (let trial = 0; trial < 300; trial++) {
      const random = rng(41, trial);
      const calq = Float64Array.from({ length: CELLS }, () => random.integer(1 + random.integer(2000)));
      calq[random.integer(CELLS)]++;
      const sum = allotment.load(calq);
      expect(sum).toBe(calq.reduce((total, charge) => total + charge, 0));
      const total = 1 + random.integer(MOST_QUANTA);
      allotment.allot(total);
      const cells = allotment.quanta.slice(SPLITS);
      expect(cells.reduce((all, quanta) => all + quanta, 0)).toBe(total);
      expect(Math.min(...cells)).toBeGreaterThanOrEqual(0);
      for (let split = 0; split < SPLITS; split++) {
        const quanta = allotment.quanta[split];
        const exact = quanta * allotment.fraction(split);
        expect(Math.abs(allotment.quanta[LEFT[split]] - exact)).toBeLessThanOrEqual(
          quanta === 1 ? 0.5 : 0.625,
        );
      }
    }
  });
});

/** Whatever charges may come: single cells, full modules, and noise of every size. */
function hostile(random: ReturnType<typeof rng>): number[] {
  const scale = 2 ** random.integer(22);
  const share = random.integer(10);
  return Array.from({ length: CELLS }, () => (random.integer(10) <= share ? random.integer(scale + 1) : 0));
}

describe.each(LINKS)("with %d links", (links) => {
  it("fills the links exactly, whatever the module", async () => {
    const rows = Array.from({ length: 1500 }, (_, row) => hostile(rng(43, row)));
    const { bits } = await runCodec(`quanta:links=${links}`, rows);
    expect(new Set(bits)).toEqual(new Set([32 * links]));
  });

  it("gives single cells all their charge where they are, and keeps the sum", async () => {
    const rows = Array.from({ length: CELLS }, (_, cell) =>
      Array.from({ length: CELLS }, (_unused, k) => (k === cell ? 1000 : 0)),
    );
    const { restored } = await runCodec(`quanta:links=${links},restore=plain`, rows);
    restored.forEach((row, cell) => {
      expect(row[cell]).toBe(992); // the middle of 960..1023
      expect(row.filter((charge) => charge > 0)).toHaveLength(1);
    });
  });
});

let pool: Pool;
beforeAll(async () => {
  pool = await openPool({ threads: 1 });
});
afterAll(() => pool.close());

/** Mean EMD over all rows and in each occupancy slice; 0 in slices without rows. */
interface Figures {
  readonly mean: number;
  readonly slices: readonly number[];
}

/** EMD of each row; NaN where the original or the restored module is empty. */
async function distances(table: Slab, spec: string): Promise<Float64Array> {
  const open = await openCodec(spec);
  const writer = new BitWriter();
  await open.encode(table, writer);
  const calq = await open.decode(new BitReader(writer.toBytes()), table.rows, new Map());
  return emd.of(table, { ...table, calq }, pool);
}

/** Of both codecs over the rows that both can be judged on. */
async function compare(table: Slab, links: number): Promise<[own: Figures, other: Figures]> {
  const own = await distances(table, `quanta:links=${links}`);
  const other = await distances(table, `best-choice:links=${links}`);
  const rows = [...own.keys()].filter((row) => !Number.isNaN(own[row] + other[row]));
  expect(rows.length).toBeGreaterThan(0.9 * table.rows);
  const figures = (emds: Float64Array): Figures => {
    const slices = Array.from({ length: SLICE_COUNT }, (_, slice) =>
      mean(rows.filter((row) => sliceOf(occupancyOf(table.calq, row)) === slice).map((row) => emds[row])),
    );
    return { mean: mean(rows.map((row) => emds[row])), slices };
  };
  return [figures(own), figures(other)];
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function expectNowhereWorse(own: Figures, other: Figures): void {
  own.slices.forEach((emdOfSlice, k) => {
    const allowed = other.slices[k] + Math.max(0.05 * other.slices[k], 0.02);
    expect(emdOfSlice, `slice ${k}`).toBeLessThanOrEqual(allowed);
  });
}

it.each([2, 3, 4, 5])(
  "at %d links has less than half of best choice's EMD on simulated modules",
  async (links) => {
    for (const id of ["hgcal-electron-200pu", "hgcal-ttbar-200pu"]) {
      const table = await makeVariant(id, 600, 977);
      const [own, other] = await compare(table, links);
      expect(own.mean).toBeLessThan(0.5 * other.mean);
      expectNowhereWorse(own, other);
    }
  },
);

const data = process.env.WAFERMARK_DATA ?? "";
const path = join(data, "econ", "calq", "CALQ_output.csv.gz");
const here = data !== "" && existsSync(path);

describe("on the distinct real modules of CALQ_output, which nothing was fitted to", () => {
  let table: ModuleTable;
  beforeAll(async () => {
    if (here) table = await readModules(path, readers, { distinct: true });
    else
      process.stderr.write(
        "skipped: no CALQ_output.csv.gz in WAFERMARK_DATA/econ/calq: set WAFERMARK_DATA\n",
      );
  });

  it.skipIf(!here).each([
    [2, 1.05],
    [3, 0.65],
    [4, 0.4],
    [5, 0.2],
  ])("at %d links has mean EMD of at most %d and is nowhere worse than best choice", async (links, most) => {
    for (const half of ["all", "even"] as const) {
      const rows = pickRows(table, rowsOfHalf(table.calq, table.rows, half));
      const [own, other] = await compare(rows, links);
      expect(own.mean).toBeLessThanOrEqual(most);
      expectNowhereWorse(own, other);
    }
  });
});
