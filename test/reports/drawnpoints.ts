/** Every point that a figure draws, shapes that are drawn by reference included, where they come to stand. For tests only. */
import type { Element } from "./markupscan.js";
import { pathPoints } from "./pathpoints.js";

export interface DrawnPoint {
  readonly element: string;
  readonly x: number;
  readonly y: number;
}

/** Elements inside the one at `index`. */
function inside(elements: readonly Element[], index: number): readonly Element[] {
  const end = elements.findIndex((element, i) => i > index && element.depth <= elements[index].depth);
  return elements.slice(index + 1, end < 0 ? undefined : end);
}

function pointsOf({ name, attributes }: Element): [number, number][] {
  const number = (key: string): number => Number(attributes.get(key));
  if (name === "path") return pathPoints(attributes.get("d") ?? "");
  if (name === "text" && attributes.has("x")) return [[number("x"), number("y")]];
  if (name === "rect" && attributes.has("x")) {
    return [
      [number("x"), number("y")],
      [number("x") + number("width"), number("y") + number("height")],
    ];
  }
  return [];
}

/** `elements` of a saved figure, in order. Throws where a reference leads nowhere. */
export function drawnPoints(elements: readonly Element[]): DrawnPoint[] {
  const place = elements.findIndex(({ name }) => name === "defs");
  const defined = place < 0 ? [] : inside(elements, place);
  const shapes = new Map<string, readonly Element[]>(
    defined.flatMap((element, i) => {
      const id = element.attributes.get("id");
      return id === undefined ? [] : [[`#${id}`, inside(defined, i)] as const];
    }),
  );
  const walk = (some: readonly Element[], down: number): DrawnPoint[] =>
    some.flatMap((element) => {
      if (element.name !== "use")
        return pointsOf(element).map(([x, y]) => ({ element: element.name, x, y: y + down }));
      const shape = shapes.get(element.attributes.get("href") ?? "");
      if (shape === undefined) throw new Error(`no shape ${element.attributes.get("href") ?? ""}`);
      return walk(shape, down + Number(element.attributes.get("y") ?? 0));
    });
  return walk(
    elements.filter((element) => !defined.includes(element)),
    0,
  );
}
