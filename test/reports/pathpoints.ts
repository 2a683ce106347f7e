/** End points of an SVG path in absolute coordinates: M L H V Z, absolute and relative, and relative arcs. For tests only. */

const TOKEN = /([MLHVZmlhvza])|(-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?)/g;
const ARGUMENTS: Readonly<Record<string, number>> = { M: 2, L: 2, H: 1, V: 1, Z: 0, A: 7 };

/** Throws on anything that is not such a path. */
export function pathPoints(path: string): [number, number][] {
  if (path.replace(TOKEN, "").trim() !== "") throw new Error(`not a path of ours: ${path.slice(0, 80)}`);
  const points: [number, number][] = [];
  let [x, y] = [0, 0];
  let start: readonly [number, number] = [0, 0];
  let command = "";
  let numbers: number[] = [];
  const step = (): void => {
    const relative = command === command.toLowerCase();
    const [baseX, baseY] = relative ? [x, y] : [0, 0];
    const kind = command.toUpperCase();
    if (kind === "H") x = baseX + numbers[0];
    else if (kind === "V") y = baseY + numbers[0];
    else if (kind !== "Z")
      [x, y] = [baseX + numbers[numbers.length - 2], baseY + numbers[numbers.length - 1]];
    if (kind === "M") start = [x, y];
    points.push([x, y]);
    numbers = [];
  };
  for (const [token] of path.matchAll(TOKEN)) {
    if (/[A-Za-z]/.test(token[0])) {
      if (numbers.length > 0) throw new Error(`arguments left over before ${token}: ${path.slice(0, 80)}`);
      command = token;
      if (token.toUpperCase() === "Z") [x, y] = start;
      continue;
    }
    numbers.push(Number(token));
    if (numbers.length === ARGUMENTS[command.toUpperCase()]) step();
  }
  if (numbers.length > 0) throw new Error(`arguments left over: ${path.slice(0, 80)}`);
  return points;
}
