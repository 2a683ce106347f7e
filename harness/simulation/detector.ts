/**
 * One HGCAL endcap (z > 0) as the trigger sees it: layers with depth, calibration and the silicon's rings, in one table.
 *
 * Flat layers, no tilt, no gaps between cassettes, no scintillator: outside a layer's silicon nothing is seen.
 * Sources: positions and interaction lengths: HGCAL technical design report, CERN-LHCC-2017-023. MeV per MIP: CMSSW
 * HGCalRecHit_cfi.py, V10 dE/dx weights over the thickness corrections 0.77 and 0.84. Charge of a MIP 2.06, 3.43, 5.15 fC in
 * 120, 200, 300 um; one count is 100/1024 fC. Ring radii: those that hold as many modules of each thickness as the public module
 * table lists for the layer (cmantill/ECONT_Emulator, Utils/ModuleLinkSummary.csv; partial modules counted as half).
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
  /** Silicon from the inner to the outer radius: 120 um to `thinToCm`, 200 um to `middleToCm`, 300 um beyond. */
  readonly innerCm: number;
  readonly thinToCm: number;
  readonly middleToCm: number;
  readonly outerCm: number;
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
const CE_E_CORRECTION = 0.77;
const CE_H_CORRECTION = 0.84;

/** dE/dx weights of layers 1..50, MeV: layer l at l - 1. */
// prettier-ignore
const DE_DX_MEV: readonly number[] = [
  8.894541, 10.937907, 10.937907, 10.937907, 10.937907, 10.937907, 10.937907, 10.937907, 10.937907, 10.932882,
  10.932882, 10.937907, 10.937907, 10.938169, 10.938169, 10.938169, 10.938169, 10.938169, 10.938169, 10.938169,
  10.938169, 10.938169, 10.938169, 10.938169, 10.938169, 10.938169, 10.938169, 32.332097, 51.574301, 51.444192,
  51.444192, 51.444192, 51.444192, 51.444192, 51.444192, 51.444192, 51.444192, 51.444192, 51.444192, 69.513118,
  87.582044, 87.582044, 87.582044, 87.582044, 87.582044, 87.214571, 86.888309, 86.92952, 86.92952, 86.92952,
];

/** 1/sinh(3): radius over height at |eta| = 3, the endcap's inner edge. */
const INNER_SLOPE = 0.09982156966882273;

/** Rings of CE-E (120 um to 75 cm: between the 70 of the design report and the 77 of that table), and how far its outer edge is at the first and last layer. */
const CE_E_RINGS_CM = [75, 122.5] as const;
const CE_E_OUTER_CM = [149, 162] as const;
/** Rings and outer edge of layers 29..50. */
// prettier-ignore
const CE_H_RINGS_CM: readonly (readonly [number, number, number])[] = [
  [74, 117, 161], [75, 115, 164], [79, 111, 166], [75, 107, 168], [75, 104, 168], [76, 100, 171], [76, 97, 181], [75, 94, 190],
  [51, 85, 151], [0, 85, 151], [0, 80, 151], [0, 77, 151], [0, 67, 132], [0, 64, 133], [0, 64, 115], [0, 65, 115],
  [0, 62, 115], [0, 56, 116], [0, 57, 100], [0, 58, 100], [0, 54, 101], [0, 0, 101],
];

function ringsOf(number: number): readonly [number, number, number] {
  if (number > CE_E_LAYERS) return CE_H_RINGS_CM[number - CE_E_LAYERS - 1];
  const [first, last] = CE_E_OUTER_CM;
  return [...CE_E_RINGS_CM, first + ((last - first) * (number - 1)) / (CE_E_LAYERS - 1)];
}

function buildLayers(): Layer[] {
  const layers: Layer[] = [];
  let depthX0 = 0;
  let depthLambda = 0;
  const add = (zCm: number, thicknessX0: number, thicknessLambda: number): void => {
    depthX0 += thicknessX0;
    depthLambda += thicknessLambda;
    const number = layers.length + 1;
    const electromagnetic = number <= CE_E_LAYERS;
    const mevPerMip = DE_DX_MEV[number - 1] / (electromagnetic ? CE_E_CORRECTION : CE_H_CORRECTION);
    const [thinToCm, middleToCm, outerCm] = ringsOf(number);
    const innerCm = INNER_SLOPE * zCm;
    layers.push({
      number, zCm, depthX0, thicknessX0, depthLambda, thicknessLambda, mevPerMip, electromagnetic,
      innerCm, thinToCm, middleToCm, outerCm,
    }); // prettier-ignore
  };
  let z = CE_E_FIRST_Z_CM;
  for (let i = 0; i < CE_E_LAYERS; i++) {
    add(z, CE_E_X0 / CE_E_LAYERS, CE_E_LAMBDA / CE_E_LAYERS);
    z += CE_E_STEPS_CM[i % 2];
  }
  z = CE_H_FIRST_Z_CM;
  for (let i = 0; i < CE_H_FINE_LAYERS + CE_H_COARSE_LAYERS; i++) {
    const part = i < CE_H_FINE_LAYERS ? 0 : 1;
    add(z, CE_H_LAMBDA[part] * X0_PER_LAMBDA_STEEL, CE_H_LAMBDA[part]);
    z += CE_H_STEPS_CM[part];
  }
  return layers;
}

export const LAYERS: readonly Layer[] = buildLayers();

/** Layers read by the trigger: odd ones of CE-E, all of CE-H. */
export const TRIGGER_LAYERS: readonly Layer[] = LAYERS.filter(
  ({ number, electromagnetic }) => !electromagnetic || number % 2 === 1,
);

/** Layers of the trigger in first..last. */
export function triggerLayers(first: number, last: number): readonly Layer[] {
  return TRIGGER_LAYERS.filter(({ number }) => number >= first && number <= last);
}

/** Front face of the calorimeter. */
export const FRONT_Z_CM = CE_E_FIRST_Z_CM;

/**
 * MeV per MIP that the trigger's reconstruction uses: of CE-E it reads one layer in two, which stands for both
 * (CMSSW L1THGCal: own weight and that of the layer before).
 */
export function triggerMevPerMip({ number, electromagnetic, mevPerMip }: Layer): number {
  const before = electromagnetic && number > 1 ? DE_DX_MEV[number - 2] / CE_E_CORRECTION : 0;
  return number === CE_E_LAYERS + 1
    ? mevPerMip + DE_DX_MEV[number - 2] / CE_H_CORRECTION
    : mevPerMip + before;
}

export interface Silicon {
  readonly micrometres: number;
  readonly highDensity: boolean;
  /** Sensor cells in a trigger cell: 3x3 or 2x2. */
  readonly cells: number;
  /** Standard deviation of one sensor cell's noise, counts after equalisation. */
  readonly noiseCounts: number;
}

const COUNT_FC = 100 / 1024;
const ELECTRON_FC = 1.602e-4;
const EQUALISED_FC = 3.43;
/** Counts of a MIP in any sensor: the front end equalises responses to that of 200 um (CMSSW hgcalVFEProducer_cfi.py). */
export const COUNTS_PER_MIP = EQUALISED_FC / COUNT_FC;

function silicon(micrometres: number, mipFc: number, noiseElectrons: number, cells: number): Silicon {
  const noiseCounts = ((noiseElectrons * ELECTRON_FC) / COUNT_FC) * (EQUALISED_FC / mipFc);
  return { micrometres, highDensity: cells === 9, cells, noiseCounts };
}

/** Noise: 2000, 2400 and 2000 electrons, sensors that have not aged (CMSSW hgcalDigitizer_cfi.py). */
export const THIN = silicon(120, 2.06, 2000, 9);
export const MIDDLE = silicon(200, 3.43, 2400, 4);
export const THICK = silicon(300, 5.15, 2000, 4);
export const SENSORS: readonly Silicon[] = [THIN, MIDDLE, THICK];

/** The sensor of `layer` at radius `rCm`: thin and finely divided near the beam. */
export function siliconAt(layer: Layer, rCm: number): Silicon {
  if (rCm < layer.thinToCm) return THIN;
  return rCm < layer.middleToCm ? MIDDLE : THICK;
}

/**
 * Output links of a module by the "signal driven" allocation: most around the maximum of showers
 * (cmantill/ECONT_Emulator, Utils/linkAllocation.py; the allocation by pileup is in pileuplinks.ts).
 */
export function signalDrivenLinks(layer: number): number {
  if (layer === 9) return 5;
  if (layer === 7 || layer === 11) return 4;
  return layer === 13 ? 3 : 2;
}
