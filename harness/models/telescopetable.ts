/** The telescope loss as a table behind a training program: which outputs its groups add up, and by what they weigh. */
import { CELLS } from "../core/table.js";
import { telescopeGroups } from "./losses.js";
import type { Plan } from "./network.js";
import { FLOAT, bits } from "./networksteps.js";
import { pixelsOf } from "./picture.js";

const PICTURE = 64;

/** Pixel of each cell in what a network makes: the 8x8 picture, or 48 values in training order; undefined for anything else. */
export function telescopePixels({ outputSize }: Pick<Plan, "outputSize">): readonly number[] | undefined {
  if (outputSize === PICTURE) return pixelsOf("8x8");
  return outputSize === CELLS ? pixelsOf("flat") : undefined;
}

/** How many groups, then for each: members, factor, places in bytes. A network that makes no module's picture has none. */
export function telescopeTable(plan: Plan): number[] {
  const pixels = telescopePixels(plan);
  if (pixels === undefined) return [0];
  const groups = telescopeGroups();
  return [
    groups.length,
    ...groups.flatMap(({ cells, factor }) => [
      cells.length,
      bits(factor),
      ...cells.map((cell) => pixels[cell] * FLOAT),
    ]),
  ];
}
