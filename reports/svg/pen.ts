/**
 * SVG path data on a grid, of tenths of a unit where nothing else is asked for: relative steps, as few characters as say where
 * the pen goes.
 *
 * Positions are rounded, never steps, so rounding does not add up along a path. A page holds hundreds of figures.
 */

/** Steps of the grid in a unit: tenths, halves or whole units. */
export type Grid = 10 | 2 | 1;

export class Pen {
  #path = "";
  #x = 0;
  #y = 0;
  #startX = 0;
  #startY = 0;
  #command = "M";

  constructor(readonly grid: Grid = 10) {}

  /** Lifts the pen and begins a new part at (x, y). */
  move(x: number, y: number): this {
    const [toX, toY] = [this.#steps(x), this.#steps(y)];
    this.#path +=
      this.#path === "" ? `M${this.#pair(toX, toY)}` : `m${this.#pair(toX - this.#x, toY - this.#y)}`;
    [this.#x, this.#y, this.#startX, this.#startY] = [toX, toY, toX, toY];
    this.#command = "m";
    return this;
  }

  /** A straight line to (x, y); one without length is kept, for the marker on it. */
  line(x: number, y: number): this {
    const [toX, toY] = [this.#steps(x), this.#steps(y)];
    const [stepX, stepY] = [toX - this.#x, toY - this.#y];
    if (stepY === 0) this.#write("h", this.#decimal(stepX));
    else if (stepX === 0) this.#write("v", this.#decimal(stepY));
    else this.#write("l", this.#pair(stepX, stepY));
    [this.#x, this.#y] = [toX, toY];
    return this;
  }

  /** Back to where the part began. */
  close(): this {
    this.#path += "z";
    this.#command = "z";
    [this.#x, this.#y] = [this.#startX, this.#startY];
    return this;
  }

  toString(): string {
    return this.#path;
  }

  /** A command that repeats is not written again. */
  #write(command: string, values: string): void {
    const repeats = this.#command === command;
    this.#path += repeats ? `${values.startsWith("-") ? "" : " "}${values}` : `${command}${values}`;
    this.#command = command;
  }

  /** Steps of the grid as a decimal number without needless characters: 5 tenths are ".5", -120 are "-12". */
  #decimal(steps: number): string {
    return String(steps / this.grid).replace(/^(-?)0\./, "$1.");
  }

  /** Two numbers side by side: a minus sign parts them as well as a space does. */
  #pair(x: number, y: number): string {
    return `${this.#decimal(x)}${y < 0 ? "" : " "}${this.#decimal(y)}`;
  }

  #steps(value: number): number {
    if (!Number.isFinite(value))
      throw new RangeError(`figure coordinate: expected a finite number, got ${value}`);
    // Adding zero turns -0 into 0, which is shorter.
    return Math.round(value * this.grid) + 0;
  }
}
