/**
 * Output links of a module by the "PU driven" allocation: as many as its share of the pileup's trigger data asks for.
 *
 * Source: ECONT_eTX of cmantill/ECONT_Emulator, Utils/ModuleLinkSummary.csv, trigger layers of CE-E. There the list is the same after
 * every turn by 60 degrees, so one sector stands for all. Layers of CE-H are left out: all of their full modules have two links, and
 * their partial ones turn about other points than the wafers simulated here.
 */

/** What is said of a module that the list does not have. */
export const NOT_LISTED = -1;

/** Per layer, by u = 1, 2, ...: links (hexadecimal) of the modules v = 0 .. u - 1, "-" where the list has none. */
const SECTORS: readonly (readonly [layer: number, links: string])[] = [
  [1, "- 86 677 5555 34444 333333 2233332 22222222 022222222 --0222220-"],
  [3, "- a7 9aa 6787 55665 445554 3344443 23333333 022333322 --0222220-"],
  [5, "- a7 9bb 6787 55665 445554 3334433 23333333 022222222 --0222220-"],
  [7, "- a7 8aa 6676 45555 344444 2333333 22223222 022222222 --0122210-"],
  [9, "- a7 799 5666 34444 333333 2223322 22222222 122222222 --1221221-"],
  [11, "- 86 677 4555 33333 223332 2222222 22222222 122222222 --1221221-"],
  [13, "- 75 566 3444 23333 222222 2222222 22222222 122222222 --1222221-"],
  [15, "- 64 455 3343 22222 222222 2222222 22222222 122222222 --1222221- ----0--0---"],
  [17, "- 53 455 2333 22222 222222 2222222 22222222 122222222 --1222221- ----0--0---"],
  [19, "- 43 344 2333 22222 222222 2222222 22222222 222222222 -01222221- ----0--0---"],
  [21, "- 43 344 2232 22222 222222 2222222 22222222 222222222 -122222220 ----0--0---"],
  [23, "- 32 333 2222 22222 222222 2222222 22222222 222222222 -122222220 ----0--0---"],
  [25, "- 32 333 2222 22222 222222 2222222 22222222 222222222 -122222220 ---010010--"],
  [27, "- 32 333 2222 22222 222222 2222222 22222222 222222222 -122222221 ---010010--"],
];

const BY_LAYER: ReadonlyMap<number, readonly string[]> = new Map(
  SECTORS.map(([layer, links]) => [layer, links.split(" ")]),
);

/** Links of the module at (u, v) of `layer`; NOT_LISTED for one that the list does not have. */
export function pileupDrivenLinks(layer: number, waferU: number, waferV: number): number {
  let [u, v] = [waferU, waferV];
  // Turned by 60 degrees until it lies in the sector u >= 1, 0 <= v < u; the place of the beam never does.
  for (let turns = 0; turns < 6 && !(u >= 1 && v >= 0 && v < u); turns++) [u, v] = [u - v, u];
  const links = BY_LAYER.get(layer)?.[u - 1]?.[v];
  return links === undefined || links === "-" ? NOT_LISTED : parseInt(links, 16);
}
