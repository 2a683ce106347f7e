/**
 * Many crossings at once: input payloads to calibrated charges (by table), and those to output words.
 *
 * Word for word what pipeline.ts does with one crossing; the autoencoder's latents may come from outside, computed in one go.
 */
import { CELLS } from "../core/table.js";
import { LATENTS } from "./autoencoderweights.js";
import { CALIBRATION_ONE, fixedPoint } from "./calibration.js";
import { INPUT_LINKS } from "./inputwords.js";
import { OUTPUT_LINKS } from "./linkwords.js";
import { algorithmStage, type Crossing } from "./pipeline.js";
import type { ChipSettings } from "./registers.js";
import type { InputWords } from "./wordfiles.js";

const CODES = 128;
const CODE_BITS = 7;
const CODES_PER_WORD = CELLS / INPUT_LINKS;

/** Crossings behind the multiplexer and the calibration. */
export interface Charges {
  /** 7-bit codes [crossings, 48]. */
  readonly codes: Uint8Array;
  /** CALQ [crossings, 48]. */
  readonly calq: Uint32Array;
}

/** CALQ of every code in every channel, [48, 128]. */
function calqTable(settings: ChipSettings): Uint32Array {
  return Uint32Array.from({ length: CELLS * CODES }, (_, at) =>
    Math.floor(
      (fixedPoint(at % CODES, settings.highDensity) * settings.calibration[Math.floor(at / CODES)]) /
        CALIBRATION_ONE,
    ),
  );
}

/** Codes and charges of all crossings, in the order of the channels behind the multiplexer. */
export function chargesOf(settings: ChipSettings, inputs: InputWords): Charges {
  const table = calqTable(settings);
  const word = settings.mux.map((from) => Math.floor(from / CODES_PER_WORD));
  const shift = settings.mux.map((from) => {
    const place = from % CODES_PER_WORD;
    return (
      CODE_BITS * (settings.inputOrder === "least-significant-first" ? place : CODES_PER_WORD - 1 - place)
    );
  });
  const codes = new Uint8Array(inputs.crossings * CELLS);
  const calq = new Uint32Array(codes.length);
  for (let row = 0; row < inputs.crossings; row++) {
    for (let i = 0; i < CELLS; i++) {
      const code = (inputs.payloads[row * INPUT_LINKS + word[i]] >>> shift[i]) & (CODES - 1);
      codes[row * CELLS + i] = code;
      calq[row * CELLS + i] = table[i * CODES + code];
    }
  }
  return { codes, calq };
}

/** Crossing `row` of many; the arrays are views for codes and copies for charges. */
export function crossingOf({ codes, calq }: Charges, numbers: Uint16Array, row: number): Crossing {
  const from = row * CELLS;
  return {
    number: numbers[row],
    codes: codes.subarray(from, from + CELLS),
    calq: Float64Array.from(calq.subarray(from, from + CELLS)),
  };
}

/** Output words [crossings, 13]; `latents` [crossings, 16] replace the slow reference of the autoencoder. */
export function outputWords(
  settings: ChipSettings,
  charges: Charges,
  numbers: Uint16Array,
  latents?: Uint16Array,
): Uint32Array {
  let row = 0;
  const stage = algorithmStage(
    settings,
    latents === undefined ? undefined : () => latents.subarray(row * LATENTS, (row + 1) * LATENTS),
  );
  const words = new Uint32Array(numbers.length * OUTPUT_LINKS);
  for (; row < numbers.length; row++) words.set(stage(crossingOf(charges, numbers, row)), row * OUTPUT_LINKS);
  return words;
}
