/** The exact EMD kernel: values by hand, an independent reference, refusals, padding, and one result from every build. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { KernelError } from "../../harness/core/errors.js";
import { isGroundMetric } from "../../harness/core/groundmetric.js";
import { STATUS, type Buffers, type Dims } from "../../harness/core/kernel.js";
import { rng, type Rng } from "../../harness/core/rng.js";
import { EMD_CELLS_LIMIT, kernel, metricFlag } from "../../harness/kernels/emd.js";
import { MASS_KINDS, massPair } from "../../harness/kernels/masspairs.js";
import { EMD_SETS, emdPairs } from "../../harness/kernels/emdinputs.js";
import { distanceMatrix, groundDistance } from "../../harness/physics/triggercells.js";
import { createHost, type Host } from "../../harness/wasm/host.js";

const BUILDS = ["release", "scalar", "debug"] as const;
type Build = (typeof BUILDS)[number];
const CELLS = 48;
const METRIC = groundDistance();

const hosts = new Map<Build, Host>(
  BUILDS.map((build) => {
    const bytes = readFileSync(new URL(`../../build/${build}.wasm`, import.meta.url));
    return [build, createHost(new WebAssembly.Module(bytes), { validation: true })];
  }),
);

function run(inputs: Buffers, cells: number, isMetric = 1, build: Build = "release"): Buffers {
  const host = hosts.get(build);
  if (host === undefined) throw new RangeError(build);
  return host.call(kernel, inputs, { rows: inputs.original.length / cells, cells, isMetric });
}

/** One pair. */
function emdOf(original: Float64Array, restored: Float64Array, metric = METRIC, isMetric = 1): number {
  return run({ original, restored, metric }, original.length, isMetric).emd[0];
}

function hot(cell: number, cells = CELLS, mass = 1): Float64Array {
  const row = new Float64Array(cells);
  row[cell] = mass;
  return row;
}

/** Worst error over what is allowed, of all `builds`; their laws are checked too. */
function judged(inputs: Buffers, dims: Dims, builds: readonly Build[] = ["release"]): number {
  const expected = kernel.reference(inputs, dims);
  let worst = 0;
  for (const build of builds) {
    const outputs = run(inputs, dims.cells, dims.isMetric, build);
    for (const law of kernel.laws)
      expect(law.broken(inputs, outputs, dims), `${law.says} (${build})`).toBeUndefined();
    worst = Math.max(worst, kernel.agrees(outputs, expected, inputs, dims).ratio);
  }
  return worst;
}

function plane(cells: number, random: Rng): Float64Array {
  return distanceMatrix(
    Float64Array.from({ length: 2 * cells }, () => random.uniform()),
    2,
  );
}

/** `rows` pairs of one kind each in turn; lattice distances or the module's when there are 48 cells. */
function batch(rows: number, cells: number, metric: Float64Array, random: Rng): Buffers {
  const original = new Float64Array(rows * cells);
  const restored = new Float64Array(rows * cells);
  for (let row = 0; row < rows; row++) {
    const [first, second] = massPair(MASS_KINDS[row % MASS_KINDS.length], cells, random);
    original.set(first, row * cells);
    restored.set(second, row * cells);
  }
  return { original, restored, metric };
}

describe("values known by hand", () => {
  it("moves one hot cell to its neighbour in the block, and to the far corner", () => {
    expect(emdOf(hot(0), hot(1))).toBeCloseTo(2, 12);
    expect(Math.max(...METRIC)).toBeCloseTo(13.7568, 4);
    const far = METRIC.indexOf(Math.max(...METRIC));
    expect(emdOf(hot(Math.floor(far / CELLS)), hot(far % CELLS))).toBe(METRIC[far]);
  });

  it("spreads any hot cell over a uniform module at the row mean of the matrix", () => {
    const uniform = new Float64Array(CELLS).fill(7);
    for (let cell = 0; cell < CELLS; cell++) {
      const row = METRIC.slice(cell * CELLS, (cell + 1) * CELLS);
      const mean = row.reduce((sum, d) => sum + d, 0) / CELLS;
      expect(Math.abs(emdOf(hot(cell), uniform) - mean)).toBeLessThan(1e-13);
    }
  });

  it("shifts a line of masses by the mean of their cumulative differences", () => {
    const cells = 7;
    const line = distanceMatrix(
      Float64Array.from({ length: cells }, (_, i) => i),
      1,
    );
    const original = Float64Array.of(4, 1, 0, 3, 0, 0, 2);
    const restored = Float64Array.of(0, 2, 2, 0, 3, 3, 0);
    let between = 0;
    let area = 0;
    for (let i = 0; i < cells; i++) {
      between += original[i] - restored[i];
      area += Math.abs(between);
    }
    expect(emdOf(original, restored, line)).toBeCloseTo(area / 10, 13);
  });

  it("gives exactly zero for equal sides, and zero within rounding for proportional ones", () => {
    const [first] = massPair("dense", CELLS, rng(1));
    expect(emdOf(first, first)).toBe(0);
    expect(
      emdOf(
        first,
        first.map((mass) => 3 * mass),
      ),
    ).toBeLessThan(1e-14);
  });

  it("pays the diagonal when the costs are no metric", () => {
    const costs = Float64Array.of(5, 1, 1, 5);
    const half = Float64Array.of(1, 1);
    expect(emdOf(half, half, costs, 0)).toBe(1);
    expect(emdOf(hot(0, 2), hot(0, 2), costs, 0)).toBe(5);
  });

  it("sees a mass of 1e-9 that moved", () => {
    const moved = hot(3);
    moved[3] = 1 - 1e-9;
    moved[7] = 1e-9;
    expect(emdOf(hot(3), moved) / (1e-9 * METRIC[3 * CELLS + 7])).toBeCloseTo(1, 6);
  });
});

describe("agreement with the reference", () => {
  it("on the declared shapes, from all builds", () => {
    for (const dims of kernel.shapes) {
      const inputs = kernel.generate(dims, rng(11, dims.cells));
      expect(judged(inputs, dims, BUILDS)).toBeLessThanOrEqual(1);
    }
  });

  it("on 1 to 64 cells: tie-heavy, sparse, dense, near-equal and empty pairs", () => {
    for (let cells = 1; cells <= EMD_CELLS_LIMIT; cells++) {
      const random = rng(5, cells);
      const rows = MASS_KINDS.length * (cells > 32 ? 1 : 3);
      const inputs = batch(rows, cells, plane(cells, random), random);
      expect(judged(inputs, { rows, cells, isMetric: 1 }), `${cells} cells`).toBeLessThanOrEqual(1);
    }
  });

  it("on 10,000 tie-heavy pairs of a small lattice", () => {
    const cells = 12;
    const lattice = distanceMatrix(
      Float64Array.from({ length: 2 * cells }, (_, k) => (k % 2 === 0 ? (k >> 1) % 4 : k >> 3)),
      2,
    );
    const rows = 10_000;
    const inputs = batch(rows, cells, lattice, rng(6));
    expect(judged(inputs, { rows, cells, isMetric: 1 })).toBeLessThanOrEqual(1);
  });

  it("on 500 pairs of the module geometry", () => {
    const rows = 500;
    expect(
      judged(batch(rows, CELLS, METRIC, rng(7)), { rows, cells: CELLS, isMetric: 1 }),
    ).toBeLessThanOrEqual(1);
  });

  it("on the bench sets", () => {
    for (const set of EMD_SETS) {
      const inputs = { ...emdPairs(set, 60, 3), metric: METRIC };
      expect(judged(inputs, { rows: 60, cells: CELLS, isMetric: 1 }), set).toBeLessThanOrEqual(1);
    }
  });

  it("on costs that are no metric", () => {
    for (let cells = 1; cells <= 32; cells++) {
      const dims = { rows: 32, cells, isMetric: 0 };
      for (const stream of [0, 1]) {
        const inputs = kernel.generate(dims, rng(8 + stream, cells));
        expect(judged(inputs, dims), `${cells} cells`).toBeLessThanOrEqual(1);
      }
    }
  });

  it("on distances of very different size, where integer pricing sees nothing", () => {
    const random = rng(9);
    const cells = 16;
    // Fifteen cells within 1e-7 of each other and one far away: every choice among the fifteen is decided in float64.
    const points = Float64Array.from({ length: 2 * cells }, (_, k) => (k < 30 ? 1e-7 * random.uniform() : 1));
    const inputs = batch(400, cells, distanceMatrix(points, 2), random);
    expect(judged(inputs, { rows: 400, cells, isMetric: 1 })).toBeLessThanOrEqual(1);
    // The far cell kept out, the absolute floor is no help: compare the small distances themselves.
    for (let row = 0; row < 400; row++) {
      inputs.original[row * cells + 15] = 0;
      inputs.restored[row * cells + 15] = 0;
    }
    const dims = { rows: 400, cells, isMetric: 1 };
    const expected = kernel.reference(inputs, dims);
    const got = run(inputs, cells);
    for (let row = 0; row < 400; row++) {
      if (expected.status[row] !== STATUS.ok) continue;
      expect(Math.abs(got.emd[row] - expected.emd[row])).toBeLessThan(2e-14);
    }
  });
});

describe("convergence", () => {
  it("reaches the optimum of 60,000 pairs of the module within the pivot limit", () => {
    const rows = 10_000;
    for (const stream of [0, 1, 2, 3, 4, 5]) {
      const { status } = run(batch(rows, CELLS, METRIC, rng(31, stream)), CELLS);
      expect(status.includes(STATUS.notConverged)).toBe(false);
    }
  });
});

describe("rows without a distance", () => {
  const fine = massPair("dense", CELLS, rng(2))[0];
  const withCell = (value: number): Float64Array => fine.map((mass, cell) => (cell === 47 ? value : mass));
  const cases: [string, Float64Array, Float64Array, number][] = [
    ["NaN", withCell(NaN), fine, STATUS.nonFinite],
    ["Infinity", fine, withCell(Infinity), STATUS.nonFinite],
    ["both infinities", withCell(Infinity), withCell(-Infinity), STATUS.nonFinite],
    ["a negative", withCell(-1e-300), fine, STATUS.negative],
    ["a negative restored", fine, withCell(-1), STATUS.negative],
    [
      "zero sum of both signs",
      Float64Array.of(1, -1, ...new Array<number>(46).fill(0)),
      fine,
      STATUS.negative,
    ],
    ["empty", new Float64Array(CELLS), fine, STATUS.emptyIn],
    ["empty restored", fine, new Float64Array(CELLS), STATUS.emptyOut],
    ["both empty", new Float64Array(CELLS), new Float64Array(CELLS), STATUS.emptyIn],
  ];

  it.each(cases)("%s", (_, original, restored, status) => {
    for (const build of BUILDS) {
      const outputs = run({ original, restored, metric: METRIC }, CELLS, 1, build);
      expect(outputs.status[0]).toBe(status);
      expect(outputs.emd[0]).toBeNaN();
    }
  });

  it("accepts negative zero, and leaves the neighbours of a refused row alone", () => {
    const rows = [fine, withCell(NaN), withCell(-0), withCell(-1), fine];
    const original = Float64Array.from(rows.flatMap((row) => [...row]));
    const restored = Float64Array.from(rows.flatMap(() => [...hot(5)]));
    const outputs = run({ original, restored, metric: METRIC }, CELLS);
    expect([...outputs.status]).toEqual([0, STATUS.nonFinite, 0, STATUS.negative, 0]);
    expect(outputs.emd[4]).toBe(outputs.emd[0]);
    expect(outputs.emd[0]).toBe(emdOf(fine, hot(5)));
  });

  it("takes masses whose sum overflows or is denormal", () => {
    const [first, second] = massPair("dense", CELLS, rng(3));
    const plain = emdOf(first, second);
    const huge = first.map((mass) => mass * 2 ** 1020);
    expect(huge.reduce((sum, mass) => sum + mass, 0)).toBe(Infinity);
    expect(emdOf(huge, second)).toBeCloseTo(plain, 13);
    const whole = massPair("whole", CELLS, rng(3));
    const tiny = whole[1].map((mass) => mass * 2 ** -1074);
    expect(emdOf(whole[0], tiny)).toBe(emdOf(whole[0], whole[1]));
  });
});

describe("refused calls", () => {
  const refusal = (cells: number, isMetric: number, metric = new Float64Array(cells * cells)): string => {
    const row = new Float64Array(cells).fill(1);
    try {
      run({ original: row, restored: row, metric }, cells, isMetric);
    } catch (error) {
      if (error instanceof KernelError) return error.tag;
      throw error;
    }
    return "ok";
  };

  it("refuses shapes that do not fit", () => {
    expect(refusal(64, 1)).toBe("ok");
    expect(refusal(65, 1)).toBe("bad-shape");
    expect(refusal(32, 0)).toBe("ok");
    expect(refusal(33, 0)).toBe("bad-shape");
    expect(refusal(4, 2)).toBe("bad-shape");
  });

  it("refuses a metric that is not finite, negative or not symmetric", () => {
    expect(refusal(2, 1, Float64Array.of(0, NaN, NaN, 0))).toBe("non-finite-value");
    expect(refusal(2, 1, Float64Array.of(0, Infinity, Infinity, 0))).toBe("non-finite-value");
    expect(refusal(2, 1, Float64Array.of(0, -1, -1, 0))).toBe("negative-value");
    expect(refusal(2, 1, Float64Array.of(0, 1, 2, 0))).toBe("bad-shape");
  });
});

describe("one result", () => {
  const random = rng(21);
  const inputs = batch(600, CELLS, METRIC, random);

  it("has the same bits from -O3 and -O0, and after other rows", () => {
    const release = run(inputs, CELLS);
    expect(run(inputs, CELLS, 1, "debug")).toEqual(release);
    for (let row = 599; row >= 0; row -= 7) {
      const cut = (values: Float64Array): Float64Array => values.slice(row * CELLS, (row + 1) * CELLS);
      const alone = run(
        {
          original: cut(inputs.original as Float64Array),
          restored: cut(inputs.restored as Float64Array),
          metric: METRIC,
        },
        CELLS,
      );
      expect(Object.is(alone.emd[0], release.emd[row])).toBe(true);
    }
  });

  it("is the same without SIMD, to rounding", () => {
    const release = run(inputs, CELLS);
    const scalar = run(inputs, CELLS, 1, "scalar");
    const dims = { rows: 600, cells: CELLS, isMetric: 1 };
    expect(kernel.agrees(scalar, release, inputs, dims).ratio).toBeLessThanOrEqual(1);
  });

  it("does not depend on cells that no side uses, so padding never wins", () => {
    const cells = 13;
    const small = plane(cells, random);
    const rows = 64;
    const narrow = batch(rows, cells, small, random);
    for (const wide of [14, 15, 16, 17, 48, 64]) {
      // The extra cells sit on top of cell 0: a column read from padding would be the cheapest of all.
      const metric = new Float64Array(wide * wide);
      for (let i = 0; i < wide; i++) {
        for (let j = 0; j < wide; j++)
          metric[i * wide + j] = small[(i < cells ? i : 0) * cells + (j < cells ? j : 0)];
      }
      const spread = (values: ArrayLike<number>): Float64Array => {
        const out = new Float64Array(rows * wide);
        for (let k = 0; k < rows * cells; k++) out[Math.floor(k / cells) * wide + (k % cells)] = values[k];
        return out;
      };
      const outputs = run(
        { original: spread(narrow.original), restored: spread(narrow.restored), metric },
        wide,
      );
      const dims = { rows, cells, isMetric: 1 };
      expect(kernel.agrees(outputs, run(narrow, cells), narrow, dims).ratio).toBeLessThanOrEqual(1);
    }
  });

  it("obeys the triangle inequality", () => {
    for (let k = 0; k < 300; k++) {
      const [a, b] = massPair("sparse", CELLS, random);
      const [c] = massPair("dense", CELLS, random);
      if ([a, b].some((side) => Math.max(...side) === 0)) continue;
      expect(emdOf(a, b)).toBeLessThanOrEqual(emdOf(a, c) + emdOf(c, b) + 1e-12);
    }
  });
});

describe("ground metrics", () => {
  it("accepts the module's distances and refuses what is none", () => {
    expect(isGroundMetric(METRIC, CELLS)).toBe(true);
    expect(metricFlag(METRIC, CELLS)).toBe(1);
    const squared = METRIC.map((d) => d * d);
    expect(metricFlag(squared, CELLS)).toBe(0);
    expect(isGroundMetric(METRIC, CELLS - 1)).toBe(false);
    expect(isGroundMetric(Float64Array.of(0, 1, 2, 0), 2)).toBe(false);
    expect(isGroundMetric(Float64Array.of(1, 1, 1, 1), 2)).toBe(false);
    expect(isGroundMetric(Float64Array.of(0, -1, -1, 0), 2)).toBe(false);
    expect(isGroundMetric(Float64Array.of(0, NaN, NaN, 0), 2)).toBe(false);
    expect(isGroundMetric(Float64Array.of(0, 1, 3, 1, 0, 1, 3, 1, 0), 3)).toBe(false);
    expect(isGroundMetric(Float64Array.of(0, 1, 2, 1, 0, 1, 2, 1, 0), 3)).toBe(true);
  });
});
