/** Words of the published files for module type and wafer density; a label column holds their place in these lists. */

/** Full modules of the inner, middle and outer ring first, then the partial ones, in the order of the public module table. */
export const MODULE_TYPES = [
  "FI", "FM", "FO", "aM", "aO", "bM", "bO", "cO", "dO", "aI", "bI", "dI", "gI",
] as const; // prettier-ignore
export const DENSITIES = ["LD", "HD"] as const;

/** Types below this are full modules. */
export const FULL_MODULE_TYPES = 3;
