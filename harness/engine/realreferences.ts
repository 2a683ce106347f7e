/**
 * Which published file of real modules each simulated set is judged against, below the folder that WAFERMARK_DATA names.
 *
 * No real rows with pileup are public; the high-occupancy file stands for them, and only its odd half may guide simulation.
 */
import type { RowHalf } from "../core/rowhalf.js";

export interface RealReference {
  /** Path below the data folder. */
  readonly file: string;
  readonly rows: RowHalf;
}

const BUSY: RealReference = { file: "econ/calq/CALQ_output.csv.gz", rows: "odd" };

const REFERENCES: ReadonlyMap<string, RealReference> = new Map([
  ["hgcal-electron-0pu", { file: "econ/calq/electron_pt20_eta15-30_0PU.csv.gz", rows: "all" }],
  ["hgcal-ttbar-0pu", { file: "econ/calq/ttbar_0PU.csv.gz", rows: "all" }],
  ["hgcal-electron-200pu", BUSY],
  ["hgcal-ttbar-200pu", BUSY],
  ["hgcal-jet-200pu", BUSY],
  ["hgcal-photon-200pu", BUSY],
]);

export function realReference(id: string): RealReference | undefined {
  return REFERENCES.get(id);
}
