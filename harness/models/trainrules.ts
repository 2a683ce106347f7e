/**
 * What a training module is asked to become: the target rules of the studies, each under its slide's name.
 *
 * Two slides are ambiguous; both readings are here. Rules that need simulated energies read the labels SimEnergyFraction, or
 * SimEnergyTotal over EventSimEnergy; a table without them is refused. Every rule keeps the input as it is.
 */
import { InputError } from "../core/errors.js";
import { CELLS, type ModuleTable } from "../core/table.js";

export const TARGET_RULES = ["none", "calq", "remove", "remove-signal", "mask", "mask-pixel"] as const;
export type TargetRule = (typeof TARGET_RULES)[number];

/** Module sum in CALQ counts below which "calq" asks for an empty module. */
const CALQ_CUT = 30;
const REMOVE_CUT = 0.0001;
const MASK_CUT = 0.001;

/** One sentence for each rule, for help and records. */
export const RULE_SAYS: Readonly<Record<TargetRule, string>> = {
  none: "the target is the input",
  calq: `modules with a sum of CALQ below ${CALQ_CUT} have the target zero`,
  remove: `modules whose share of the event's simulated energy is below ${REMOVE_CUT} are left out`,
  "remove-signal": `modules whose share is above ${REMOVE_CUT} are left out (the reverse reading)`,
  mask: `modules whose share is below ${MASK_CUT} have the target zero`,
  "mask-pixel": `normalised pixels below ${MASK_CUT} are zero in the target (the per-pixel reading)`,
};

/** What happens to each row of a table. */
export interface Targets {
  /** Rows to train on, in table order. */
  readonly rows: Int32Array;
  /** [table rows]: 1 where the target is zero. */
  readonly empty: Uint8Array;
  /** Target pixels below this share of the top bit of the sum are zero; 0 keeps all. */
  readonly leastPixel: number;
  /** Rows left out, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** The module's share of its event's simulated energy, by row; refuses (InputError) a table that does not say. */
function energyShares(table: ModuleTable, rule: TargetRule): Float64Array {
  const share = table.labels.get("SimEnergyFraction");
  if (share !== undefined) return share;
  const [total, event] = [table.labels.get("SimEnergyTotal"), table.labels.get("EventSimEnergy")];
  if (total !== undefined && event !== undefined)
    return total.map((energy, row) => (event[row] > 0 ? energy / event[row] : 0));
  throw new InputError(
    `${table.id}: labels: expected SimEnergyFraction for the rule ${rule}, got ${[...table.labels.keys()].join(", ") || "none"}`,
    { tag: "labels", remedy: "a dataset with simulated energies, or another --variant" },
  );
}

/** Sum of each row. */
export function moduleSums({ calq, rows }: Pick<ModuleTable, "calq" | "rows">): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = row * CELLS; i < (row + 1) * CELLS; i++) sum += calq[i];
    return sum;
  });
}

/**
 * Applies a rule to a table. Modules without charge are always left out: they have no picture.
 * Refuses (InputError) charges that are negative or not finite, and a table of which nothing is left.
 */
export function applyRule(table: ModuleTable, rule: TargetRule): Targets {
  const bad = table.calq.findIndex((charge) => !(charge >= 0 && charge < Infinity));
  if (bad >= 0)
    throw new InputError(
      `${table.id}: row ${Math.floor(bad / CELLS)}: CALQ_${bad % CELLS}: expected a finite number >= 0, got ${table.calq[bad]}`,
      { tag: "charge" },
    );
  const sums = moduleSums(table);
  const shares = /^(remove|mask$)/.test(rule) ? energyShares(table, rule) : undefined;
  const empty = new Uint8Array(table.rows);
  const dropped: Record<string, number> = {};
  const kept: number[] = [];
  const drop = (reason: string): void => {
    dropped[reason] = (dropped[reason] ?? 0) + 1;
  };
  for (let row = 0; row < table.rows; row++) {
    const share = shares?.[row] ?? 1;
    if (sums[row] === 0) drop("empty modules");
    else if (rule === "remove" && share < REMOVE_CUT) drop("modules below the energy share");
    else if (rule === "remove-signal" && share > REMOVE_CUT) drop("modules above the energy share");
    else kept.push(row);
    if ((rule === "calq" && sums[row] < CALQ_CUT) || (rule === "mask" && share < MASK_CUT)) empty[row] = 1;
  }
  if (kept.length === 0)
    throw new InputError(
      `${table.id}: nothing to train on: expected modules that pass the rule ${rule}, got none of ${table.rows}`,
      { tag: "empty" },
    );
  return { rows: Int32Array.from(kept), empty, leastPixel: rule === "mask-pixel" ? MASK_CUT : 0, dropped };
}
