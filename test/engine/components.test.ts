/** Principal components in pieces: the same bits however rows are handed over, on any number of threads, in bounded memory. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rng } from "../../harness/core/rng.js";
import {
  ComponentsFit,
  componentsOnThreads,
  type Components,
  type Table,
} from "../../harness/engine/components.js";
import { kernel as principal } from "../../harness/kernels/pca-f64.js";
import { factorTable } from "../../harness/kernels/pcatable.js";
import { loadBinary } from "../../harness/wasm/binary.js";
import { createHost, type Host } from "../../harness/wasm/host.js";
import { openPool, type Pool } from "../../harness/wasm/pool.js";

const COLUMNS = 24;
/** Three parts of 1344 rows and a rest. */
const ROWS = 4500;
let host: Host;
let pool: Pool;
let table: Float64Array;

beforeAll(async () => {
  host = createHost((await loadBinary("release")).module);
  pool = await openPool({ threads: 2 });
  table = factorTable(ROWS, COLUMNS, rng(11));
});
afterAll(() => pool.close());

function fitted(rows: Table, pieces: readonly number[], columns = COLUMNS): Components {
  const fit = new ComponentsFit(host, columns, rows instanceof Float32Array ? "f32" : "f64");
  let at = 0;
  for (let i = 0; at < rows.length; i++) {
    const end = Math.min(rows.length, at + pieces[i % pieces.length] * columns);
    fit.add(rows.subarray(at, end));
    at = end;
  }
  return fit.components();
}

describe("a fit in pieces", () => {
  test("agrees with the kernel on the whole table", () => {
    const dims = { rows: ROWS, columns: COLUMNS };
    const whole = host.call(principal, { data: table }, dims);
    const { rows, ...own } = fitted(table, [ROWS]);
    expect(rows).toBe(ROWS);
    const { ratio } = principal.agrees({ ...own }, whole, { data: table }, dims);
    expect(ratio).toBeLessThanOrEqual(1);
  });

  test.each([[[1]], [[7, 1344, 3]], [[1344]], [[1345, 1343]], [[4000]]])(
    "has the same bits in pieces of %j rows",
    (pieces) => {
      expect(fitted(table, pieces)).toEqual(fitted(table, [ROWS]));
    },
  );

  test("has the same bits on two threads, in both precisions", async () => {
    expect(await componentsOnThreads(pool, host, table, COLUMNS)).toEqual(fitted(table, [ROWS]));
    const single = Float32Array.from(table);
    expect(await componentsOnThreads(pool, host, single, COLUMNS)).toEqual(fitted(single, [100]));
  });

  test("of a hundred times the rows needs no more memory", async () => {
    const own = createHost((await loadBinary("release")).module);
    const fit = new ComponentsFit(own, COLUMNS, "f64");
    fit.add(table);
    const bytes = own.memoryBytes;
    const before = process.memoryUsage();
    for (let i = 0; i < 99; i++) fit.add(table);
    const after = process.memoryUsage();
    expect(fit.components().rows).toBe(100 * ROWS);
    // The last step adds the eigenvectors of 24 columns, less than one part's rows.
    expect(own.memoryBytes).toBe(bytes);
    const grown = after.arrayBuffers + after.external - before.arrayBuffers - before.external;
    expect(grown).toBeLessThan(99 * table.byteLength * 0.05);
  });

  test("refuses broken rows, the other precision, rows after the end, and fewer than two rows", () => {
    const fit = new ComponentsFit(host, 3, "f64");
    expect(() => {
      fit.add(new Float64Array(4));
    }).toThrow("principal components: expected whole rows of 3 columns");
    expect(() => {
      fit.add(new Float32Array(3));
    }).toThrow("in one precision");
    fit.add(new Float64Array(3));
    expect(() => fit.components()).toThrow("expected at least 2 rows, got 1");
    expect(() => {
      fit.add(new Float64Array(3));
    }).toThrow("expected no rows after the end");
    const spoilt = new ComponentsFit(host, 1, "f64");
    expect(() => {
      spoilt.add(Float64Array.of(1, NaN));
      spoilt.components();
    }).toThrow(/finite/);
  });
});
