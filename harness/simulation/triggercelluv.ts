/**
 * Coordinates (u, v) of a wafer's trigger cells by training index, as CMSSW counts them.
 *
 * Source: cmantill/ECONT_Emulator, Utils/getGeom.py, and CMSSW HGCalConcentratorAutoEncoderImpl.h (they agree).
 */
import { CELLS } from "../core/table.js";

function coordinates(index: number): readonly [number, number] {
  const low = index % 4;
  const high = Math.floor((index % 16) / 4);
  if (index < 16) return [7 - low, 4 + high];
  if (index < 32) return [1 + high + low, low];
  const u = 3 - high;
  return [u, u + 3 - low];
}

const BY_INDEX = Array.from({ length: CELLS }, (_, index) => coordinates(index));

export const CELL_U: Uint8Array = Uint8Array.from(BY_INDEX, ([u]) => u);
export const CELL_V: Uint8Array = Uint8Array.from(BY_INDEX, ([, v]) => v);
