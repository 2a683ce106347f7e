/**
 * The silicon part of one HGCAL endcap as the trigger sees it: layers with depth and calibration, wafers by radius.
 *
 * A stack of flat layers, no tilt, no partial wafers, no scintillator. Sources: layer positions and interaction lengths of
 * the HGCAL technical design report (CERN-LHCC-2017-023); MeV per MIP from CMSSW HGCalRecHit_cfi.py (V10 dE/dx weights over
 * the thickness corrections 0.77 and 0.84); charge of a MIP 2.06, 3.43, 5.15 fC in 120, 200, 300 um, one count 100/1024 fC.
 */

export interface Layer {
  /** 1..50; 1..28 is the electromagnetic part (CE-E), the rest the hadronic one (CE-H). */
  readonly number: number;
  readonly zCm: number;
  /** Material in front of the layer's end, and that of its own block. */
  readonly depthX0: number;
  readonly thicknessX0: number;
  readonly depthLambda: number;
  readonly thicknessLambda: number;
  /** Energy lost in the layer's block for each MIP seen in its silicon. */
  readonly mevPerMip: number;
  readonly electromagnetic: boolean;
}

const CE_E_LAYERS = 28;
const CE_E_X0 = 26;
const CE_E_LAMBDA = 1.3;
const CE_E_FIRST_Z_CM = 322.1;
const CE_E_STEPS_CM = [0.94, 2.03]; // inside a cassette, between cassettes
const CE_H_FIRST_Z_CM = 367.7;
const CE_H_FINE_LAYERS = 12;
const CE_H_COARSE_LAYERS = 10;
const CE_H_STEPS_CM = [5.45, 8]; // fine part, coarse part
const CE_H_LAMBDA = [0.294, 0.497]; // 8.5 in all, shared as the dE/dx weights are
const X0_PER_LAMBDA_STEEL = 9.5; // 16.8 cm / 1.76 cm
const CE_E_MEV_PER_MIP = 10.94 / 0.77;
const CE_H_MEV_PER_MIP = [51.4 / 0.84, 87.0 / 0.84];

function buildLayers(): Layer[] {
  const layers: Layer[] = [];
  let depthX0 = 0;
  let depthLambda = 0;
  const add = (zCm: number, thicknessX0: number, thicknessLambda: number, mevPerMip: number): void => {
    depthX0 += thicknessX0;
    depthLambda += thicknessLambda;
    const number = layers.length + 1;
    const electromagnetic = number <= CE_E_LAYERS;
    layers.push({
      number,
      zCm,
      depthX0,
      thicknessX0,
      depthLambda,
      thicknessLambda,
      mevPerMip,
      electromagnetic,
    });
  };
  let z = CE_E_FIRST_Z_CM;
  for (let i = 0; i < CE_E_LAYERS; i++) {
    add(z, CE_E_X0 / CE_E_LAYERS, CE_E_LAMBDA / CE_E_LAYERS, CE_E_MEV_PER_MIP);
    z += CE_E_STEPS_CM[i % 2];
  }
  z = CE_H_FIRST_Z_CM;
  for (let i = 0; i < CE_H_FINE_LAYERS + CE_H_COARSE_LAYERS; i++) {
    const part = i < CE_H_FINE_LAYERS ? 0 : 1;
    add(z, CE_H_LAMBDA[part] * X0_PER_LAMBDA_STEEL, CE_H_LAMBDA[part], CE_H_MEV_PER_MIP[part]);
    z += CE_H_STEPS_CM[part];
  }
  return layers;
}

export const LAYERS: readonly Layer[] = buildLayers();

/** Layers read by the trigger: odd ones of CE-E, all of CE-H. */
export const TRIGGER_LAYERS: readonly Layer[] = LAYERS.filter(
  ({ number, electromagnetic }) => !electromagnetic || number % 2 === 1,
);

/** The endcap's inner edge; the outer one is at 1.5. */
export const HIGHEST_ETA = 3;

export interface Silicon {
  readonly micrometres: number;
  readonly highDensity: boolean;
  readonly countsPerMip: number;
  /** Sensor cells in a trigger cell: 3x3 or 2x2. */
  readonly cells: number;
}

const COUNT_FC = 100 / 1024;
const THIN: Silicon = { micrometres: 120, highDensity: true, countsPerMip: 2.06 / COUNT_FC, cells: 9 };
const MIDDLE: Silicon = { micrometres: 200, highDensity: false, countsPerMip: 3.43 / COUNT_FC, cells: 4 };
const THICK: Silicon = { micrometres: 300, highDensity: false, countsPerMip: 5.15 / COUNT_FC, cells: 4 };
const THIN_TO_CM = 70;
const MIDDLE_TO_CM = 100;

/** The sensor at radius `rCm`: thin and finely divided near the beam. */
export function siliconAt(rCm: number): Silicon {
  if (rCm < THIN_TO_CM) return THIN;
  return rCm < MIDDLE_TO_CM ? MIDDLE : THICK;
}
