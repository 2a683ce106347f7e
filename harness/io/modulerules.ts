/**
 * What a charge may be, applied to raw rows: unit, finite, not negative, whole numbers on request.
 *
 * Anything else is refused with its place and number, or handled as the user asked and counted. Never clipped silently.
 */
import { InputError } from "../core/errors.js";
import type { RawSlab } from "../core/reader.js";
import { CALQ_PER_MIPT, CELLS, type Slab } from "../core/table.js";

export interface Rules {
  /** Unit of the charges in the file; MIP_T are multiplied by 35. Default: CALQ counts. */
  readonly unit?: "calq" | "mipt";
  /** Rows with NaN or infinities: refused (default) or dropped and counted. */
  readonly nonfinite?: "refuse" | "drop";
  /** Negative charges: refused (default) or set to zero and counted. */
  readonly negative?: "refuse" | "zero";
  /** Round charges to whole counts, halves up, and count how many changed. */
  readonly round?: boolean;
}

interface Breach {
  readonly what: string;
  readonly expected: string;
  readonly got: string;
  readonly place: string;
  readonly remedy: string;
  count: number;
}

export class ModuleRules {
  readonly #dropped: Record<string, number> = {};
  readonly #breaches = new Map<string, Breach>();

  constructor(
    private readonly path: string,
    private readonly rules: Rules,
  ) {}

  /** CALQ counts in one unit of the file. */
  get #factor(): number {
    return this.rules.unit === "mipt" ? CALQ_PER_MIPT : 1;
  }

  /** Rows dropped and values changed so far, by reason. */
  get dropped(): Readonly<Record<string, number>> {
    return this.#dropped;
  }

  count(reason: string, number: number): void {
    if (number > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + number;
  }

  /** The valid rows of a raw slab in CALQ counts, in memory of their own. Breaches are remembered, see refuseIfBroken. */
  apply(raw: RawSlab): Slab {
    const keep = this.#finiteRows(raw);
    const calq = new Float64Array(keep.length * CELLS);
    let negative = 0;
    let rounded = 0;
    keep.forEach((row, to) => {
      for (let cell = 0; cell < CELLS; cell++) {
        let value = raw.values[row * CELLS + cell] * this.#factor;
        if (value < 0) {
          if (this.rules.negative !== "zero") this.#breakNegative(raw, row, cell);
          value = 0;
          negative++;
        }
        if (this.rules.round === true && !Number.isInteger(value)) {
          value = Math.floor(value + 0.5);
          rounded++;
        }
        calq[to * CELLS + cell] = value;
      }
    });
    this.count("negative charges set to zero", negative);
    this.count("charges rounded", rounded);
    const labels = new Map(
      [...raw.labels].map(([name, column]) => [name, Float64Array.from(keep, (row) => column[row])]),
    );
    return { rows: keep.length, calq, labels };
  }

  /** Throws the first kind of breach met, with the number of values that have it. */
  refuseIfBroken(): void {
    for (const { what, expected, got, place, remedy, count } of this.#breaches.values()) {
      const more = count === 1 ? "" : ` (first of ${count})`;
      throw new InputError(`${this.path} ${place}: ${what}: expected ${expected}, got ${got}${more}`, {
        tag: what.replaceAll(" ", "-"),
        remedy,
      });
    }
  }

  #finiteRows(raw: RawSlab): number[] {
    const keep: number[] = [];
    for (let row = 0; row < raw.rows; row++) {
      if (this.#isFinite(raw, row)) keep.push(row);
    }
    if (this.rules.nonfinite === "drop") this.count("rows with non-finite values", raw.rows - keep.length);
    return keep;
  }

  #isFinite(raw: RawSlab, row: number): boolean {
    for (let cell = 0; cell < CELLS; cell++) {
      const value = raw.values[row * CELLS + cell];
      if (Number.isFinite(value * this.#factor)) continue; // a charge near the largest number may overflow
      this.#breakNonFinite(raw, row, this.#cellName(cell), value);
      return false;
    }
    for (const [label, column] of raw.labels) {
      if (Number.isFinite(column[row])) continue;
      this.#breakNonFinite(raw, row, label, column[row]);
      return false;
    }
    return true;
  }

  #cellName(cell: number): string {
    return `column CALQ_${cell}`;
  }

  #breakNonFinite(raw: RawSlab, row: number, column: string, value: number): void {
    if (this.rules.nonfinite === "drop") return;
    this.#break("non-finite", () => ({
      what: "non-finite value",
      expected: "a finite number",
      got: String(value),
      place: `${raw.locate(row)} ${column}`,
      remedy: "--nonfinite drop leaves such rows out and counts them",
    }));
  }

  #breakNegative(raw: RawSlab, row: number, cell: number): void {
    this.#break("negative", () => ({
      what: "negative charge",
      expected: "a charge of at least 0",
      got: String(raw.values[row * CELLS + cell]),
      place: `${raw.locate(row)} ${this.#cellName(cell)}`,
      remedy: "--negative zero sets such charges to zero and counts them",
    }));
  }

  #break(kind: string, describe: () => Omit<Breach, "count">): void {
    const known = this.#breaches.get(kind);
    if (known === undefined) this.#breaches.set(kind, { ...describe(), count: 1 });
    else known.count++;
  }
}
