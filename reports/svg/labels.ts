/** Direct labels that do not cover one another or the points: greedy places round an anchor, or spread along an edge. */
import type { Box } from "./axis.js";
import { textWidth } from "./figure.js";

export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface Placed {
  readonly x: number;
  /** Baseline of the text. */
  readonly y: number;
  readonly anchor: "start" | "middle" | "end";
}

interface Rectangle {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const height = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Offsets of label from anchor, best first: [dx, dy, text anchor]. */
const AROUND: readonly (readonly [number, number, Placed["anchor"]])[] = [
  [10, 4, "start"],
  [0, -11, "middle"],
  [0, 20, "middle"],
  [-10, 4, "end"],
  [9, -9, "start"],
  [9, 17, "start"],
  [-9, -9, "end"],
  [-9, 17, "end"],
];

function rectangleOf(x: number, y: number, anchor: Placed["anchor"], width: number, size: number): Rectangle {
  const x0 = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { x0, y0: y - size * 0.8, x1: x0 + width, y1: y + size * 0.25 };
}

/**
 * Places labels one after another where they cover least; `taken` are points (and their half-size) to keep clear.
 * A label that finds no place with less than `most` covered area is left out (undefined).
 */
export class LabelRoom {
  readonly #taken: Rectangle[] = [];

  constructor(readonly box: Box) {}

  keepClear(x: number, y: number, half: number): void {
    this.#taken.push({ x0: x - half, y0: y - half, x1: x + half, y1: y + half });
  }

  place(anchor: Anchor, size: number, most: number, reach = 1): Placed | undefined {
    const width = textWidth(anchor.text, size);
    let best: { cost: number; placed: Placed; rectangle: Rectangle } | undefined;
    for (let ring = 1; ring <= reach; ring++) {
      for (const [dx, dy, side] of AROUND) {
        const x = anchor.x + dx * ring;
        const y = anchor.y + (dy - 4) * ring + 4;
        const rectangle = rectangleOf(x, y, side, width, size);
        const cost = this.#cost(rectangle);
        if (best === undefined || cost < best.cost)
          best = { cost, placed: { x, y, anchor: side }, rectangle };
      }
      if (best?.cost === 0) break;
    }
    if (best === undefined || best.cost > most) return undefined;
    this.#taken.push(best.rectangle);
    return best.placed;
  }

  #cost(rectangle: Rectangle): number {
    const { left, top, right, bottom } = this.box;
    if (rectangle.x0 < left + 2 || rectangle.x1 > right - 2) return Infinity;
    if (rectangle.y0 < top + 2 || rectangle.y1 > bottom - 2) return Infinity;
    return this.#taken.reduce((total, taken) => total + overlap(rectangle, taken), 0);
  }
}

/** Heights near the wanted ones, at least `gap` apart, inside [top, bottom]; the order is kept. */
export function spread(wanted: readonly number[], gap: number, top: number, bottom: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b] || a - b);
  const placed = order.map((i) => Math.min(Math.max(wanted[i], top), bottom));
  for (let i = 1; i < placed.length; i++) placed[i] = Math.max(placed[i], placed[i - 1] + gap);
  const over = placed.length === 0 ? 0 : Math.max(0, placed[placed.length - 1] - bottom);
  if (over > 0) {
    placed[placed.length - 1] -= over;
    for (let i = placed.length - 2; i >= 0; i--) placed[i] = Math.min(placed[i], placed[i + 1] - gap);
  }
  const heights = new Array<number>(wanted.length).fill(0);
  order.forEach((index, i) => (heights[index] = placed[i]));
  return heights;
}
