/**
 * Principal components of a table that comes in pieces, on one thread or several: moments of parts of a fixed number of rows, which
 * stay in a core's cache, joined in their order. The bits depend on the rows alone, not on how they are handed over or by whom
 * they are summed; memory holds one part, whatever the length of the table.
 *
 * Source: Chan, Golub, LeVeque 1983, doi:10.1080/00031305.1983.10483115.
 */
import { InputError } from "../core/errors.js";
import type { Buffers, Kernel } from "../core/kernel.js";
import { kernel as eigen } from "../kernels/eigen.js";
import { kernel as mergeMoments } from "../kernels/merge-moments.js";
import { kernel as momentsF32 } from "../kernels/moments-f32.js";
import { kernel as momentsF64 } from "../kernels/moments-f64.js";
import { loadBinary, type Target } from "../wasm/binary.js";
import { createHost, type Host } from "../wasm/host.js";
import type { Pool } from "../wasm/pool.js";

export type Table = Float32Array | Float64Array;

export interface Components {
  readonly rows: number;
  readonly mean: Float64Array;
  /** [columns, columns], divided by rows - 1. */
  readonly covariance: Float64Array;
  /** Descending. */
  readonly values: Float64Array;
  /** Row k belongs to values[k]; the first of its largest elements is positive. */
  readonly vectors: Float64Array;
}

/** Bytes of a part: small enough for a core's second-level cache. */
const PART_BYTES = 262_144;
/** Parts have whole blocks of the kernel. */
const ROW_MULTIPLE = 64;
/** Parts whose moments wait to be joined. */
const WAITING = 8;
/** Parts of one call to a pool. */
const PARTS_PER_CALL = 256;

/** Rows of a part of a table with `columns` columns of `bytes` bytes. */
function partRows(columns: number, bytes: number): number {
  return Math.max(ROW_MULTIPLE, Math.floor(PART_BYTES / (columns * bytes * ROW_MULTIPLE)) * ROW_MULTIPLE);
}

function momentsOf(table: Table): Kernel {
  return table instanceof Float32Array ? momentsF32 : momentsF64;
}

/** Running moments, and those of parts that have not joined them yet. */
class RunningMoments {
  readonly #square: number;
  readonly #counts = new Float64Array(1 + WAITING);
  readonly #means: Float64Array;
  readonly #scatters: Float64Array;
  #waiting = 0;

  constructor(
    readonly host: Host,
    readonly columns: number,
  ) {
    this.#square = columns * columns;
    this.#means = new Float64Array(this.#counts.length * columns);
    this.#scatters = new Float64Array(this.#counts.length * this.#square);
  }

  /** Adds parts of `rows` rows each, in their order. */
  add({ mean, scatter }: Buffers, rows: number): void {
    const parts = mean.length / this.columns;
    for (let part = 0; part < parts; part++) {
      if (this.#waiting === WAITING) this.#join();
      const at = ++this.#waiting;
      this.#counts[at] = rows;
      this.#means.set(mean.subarray(part * this.columns, (part + 1) * this.columns), at * this.columns);
      this.#scatters.set(scatter.subarray(part * this.#square, (part + 1) * this.#square), at * this.#square);
    }
  }

  components(): Components {
    this.#join();
    const rows = this.#counts[0];
    if (rows < 2) {
      throw new InputError(`principal components: expected at least 2 rows, got ${rows}`);
    }
    const covariance = this.#scatters.slice(0, this.#square).map((sum) => sum / (rows - 1));
    const { values, vectors } = this.host.call(eigen, { matrix: covariance }, { n: this.columns });
    return {
      rows,
      mean: this.#means.slice(0, this.columns),
      covariance,
      values: Float64Array.from(values),
      vectors: Float64Array.from(vectors),
    };
  }

  /** What waits joins the running moments, which stand first: joining is from the left, so that when it happens shows in no bit. */
  #join(): void {
    const parts = 1 + this.#waiting;
    const joined = this.host.call(
      mergeMoments,
      {
        counts: this.#counts.subarray(0, parts),
        means: this.#means.subarray(0, parts * this.columns),
        scatters: this.#scatters.subarray(0, parts * this.#square),
      },
      { parts, columns: this.columns },
    );
    this.#counts[0] = joined.count[0];
    this.#means.set(joined.mean);
    this.#scatters.set(joined.scatter);
    this.#waiting = 0;
  }
}

/** A fit that takes rows in pieces of any length. All pieces have one precision, that of `part`. */
export class ComponentsFit {
  readonly #running: RunningMoments;
  readonly #part: Table;
  readonly #partRows: number;
  #held = 0;
  #hasEnded = false;
  #moments: Buffers = {};

  constructor(
    readonly host: Host,
    readonly columns: number,
    precision: "f32" | "f64",
  ) {
    const bytes = precision === "f32" ? 4 : 8;
    this.#partRows = partRows(columns, bytes);
    const length = this.#partRows * columns;
    this.#part = precision === "f32" ? new Float32Array(length) : new Float64Array(length);
    this.#running = new RunningMoments(host, columns);
  }

  /** Adds rows; they are not kept. */
  add(rows: Table): void {
    const { columns } = this;
    if (this.#hasEnded)
      throw new InputError("principal components: expected no rows after the end, got more");
    if (rows.length % columns !== 0 || momentsOf(rows) !== momentsOf(this.#part)) {
      throw new InputError(
        `principal components: expected whole rows of ${columns} columns in one precision, got ${rows.length} values`,
      );
    }
    const whole = this.#part.length;
    let at = 0;
    while (at < rows.length) {
      if (this.#held === 0 && rows.length - at >= whole) {
        this.#sum(rows.subarray(at, at + whole));
        at += whole;
        continue;
      }
      const end = Math.min(rows.length, at + whole - this.#held);
      this.#part.set(rows.subarray(at, end), this.#held);
      this.#held += end - at;
      at = end;
      if (this.#held === whole) this.#flush();
    }
  }

  /** Of all rows; ends the fit. Throws where there are fewer than two rows, or where a value is not finite. */
  components(): Components {
    this.#hasEnded = true;
    if (this.#held > 0) this.#flush();
    return this.#running.components();
  }

  #flush(): void {
    this.#sum(this.#part.subarray(0, this.#held));
    this.#held = 0;
  }

  #sum(part: Table): void {
    const rows = part.length / this.columns;
    const dims = { parts: 1, rows, columns: this.columns };
    this.#moments = this.host.call(momentsOf(part), { data: part }, dims, this.#moments);
    this.#running.add(this.#moments, rows);
  }
}

/** A fit on this thread with a host of its own. */
export async function openComponentsFit(
  columns: number,
  precision: "f32" | "f64",
  target: Target = "release",
): Promise<ComponentsFit> {
  return new ComponentsFit(createHost((await loadBinary(target)).module), columns, precision);
}

/** Components of a table that is there as a whole, its parts summed on a pool's threads: the bits of a ComponentsFit. */
export async function componentsOnThreads(
  pool: Pool,
  host: Host,
  table: Table,
  columns: number,
): Promise<Components> {
  const kernel = momentsOf(table);
  const rows = partRows(columns, table.BYTES_PER_ELEMENT);
  const running = new RunningMoments(host, columns);
  const length = rows * columns;
  const whole = Math.floor(table.length / length);
  for (let part = 0; part < whole; part += PARTS_PER_CALL) {
    const parts = Math.min(PARTS_PER_CALL, whole - part);
    const data = table.subarray(part * length, (part + parts) * length);
    running.add(await pool.call(kernel, { data }, { parts, rows, columns }), rows);
  }
  const rest = table.subarray(whole * length);
  if (rest.length > 0) {
    const last = rest.length / columns;
    running.add(host.call(kernel, { data: rest }, { parts: 1, rows: last, columns }), last);
  }
  return running.components();
}
