/** Entries that no other entry beats in two numbers at once, both of which are better when smaller. */

/** The front of `items`, ascending in the first number. Equal items keep the first one. */
export function paretoFront<T>(items: readonly T[], of: (item: T) => readonly [number, number]): T[] {
  const ordered = items
    .map((item) => ({ item, pair: of(item) }))
    .sort((a, b) => a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1]);
  const front: T[] = [];
  let best = Infinity;
  for (const { item, pair } of ordered) {
    if (pair[1] >= best) continue;
    best = pair[1];
    front.push(item);
  }
  return front;
}
