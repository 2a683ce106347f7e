/**
 * The chip from input codes to output words, one crossing at a time: codes -> multiplexer -> CALQ -> algorithm -> links.
 *
 * Only threshold-sum remembers anything between crossings (its buffer).
 */
import { encodeModule, moduleSum } from "./autoencoder.js";
import { autoencoderPayload, packAutoencoder, sentRuns } from "./autoencoderpayload.js";
import { BEST_CHOICE_CELLS, chooseBest, packBestChoice } from "./bestchoice.js";
import { header4, header5 } from "./bxheader.js";
import { calibrate } from "./calibration.js";
import { multiplex } from "./inputwords.js";
import { linkWordsOfHalves, WordWriter, type BitSink } from "./linkwords.js";
import type { ChipSettings } from "./registers.js";
import { refused } from "./registerfields.js";
import { packRepeater } from "./repeater.js";
import { packSuperTriggerCells, sumGroups, SUPER_TRIGGER_CELL_TYPES } from "./supertriggercells.js";
import { ThresholdBuffer } from "./thresholdbuffer.js";
import { thresholdEvent } from "./thresholdsum.js";

/** What every algorithm sees of a crossing. */
export interface Crossing {
  /** Number in the orbit, 0..3563. */
  readonly number: number;
  /** 7-bit codes behind the multiplexer, [48]. */
  readonly codes: Uint8Array;
  /** Calibrated charges, [48]. */
  readonly calq: Float64Array;
}

/** Output words [13] of a crossing. */
export type AlgorithmStage = (crossing: Crossing) => Uint32Array;

/** Codes [48] at the input to what the algorithm sees. */
export function prepareCrossing(settings: ChipSettings, inputs: Uint8Array, number: number): Crossing {
  const codes = multiplex(inputs, settings.mux);
  return { number, codes, calq: calibrate(codes, settings.calibration, settings.highDensity) };
}

/** An algorithm whose payload of a crossing depends on that crossing alone. */
function stateless(links: number, pack: (writer: BitSink, crossing: Crossing) => void): AlgorithmStage {
  return (crossing) => {
    const writer = new WordWriter(links);
    pack(writer, crossing);
    return writer.words;
  };
}

function bestChoiceStage(settings: ChipSettings): AlgorithmStage {
  const format = {
    cells: BEST_CHOICE_CELLS[settings.links - 1],
    drop: settings.drop,
    sumOfAll: settings.useSum,
  };
  return stateless(settings.links, (writer, { calq, number }) => {
    packBestChoice(writer, chooseBest(calq, header4(number), format));
  });
}

function superTriggerCellStage(settings: ChipSettings): AlgorithmStage {
  const type = SUPER_TRIGGER_CELL_TYPES[settings.superTriggerCellType];
  return stateless(settings.links, (writer, { calq, number }) => {
    const payload = sumGroups(calq, header4(number), type, settings.links, settings.drop);
    packSuperTriggerCells(writer, payload, type);
  });
}

function repeaterStage(settings: ChipSettings): AlgorithmStage {
  return stateless(settings.links, (writer, { codes, number }) => {
    packRepeater(writer, header5(number), codes);
  });
}

function thresholdSumStage(settings: ChipSettings): AlgorithmStage {
  const buffer = new ThresholdBuffer(settings.links, settings.buffer, settings.linkResetPattern);
  const format = { thresholds: settings.thresholds, drop: settings.drop, sumOfAll: settings.useSum };
  return ({ calq, number }) =>
    linkWordsOfHalves(buffer.step(thresholdEvent(calq, header5(number), format), calq));
}

/** Latents [16] of CALQ [48], where they are not computed by the slow reference. */
export type Encoder = (crossing: Crossing) => Uint16Array;

function referenceEncoder(settings: ChipSettings): Encoder {
  const weights = settings.autoencoder?.weights;
  if (weights === undefined) throw refused("Encoder", "the autoencoder's weights", undefined);
  return ({ calq }) => encodeModule(calq, weights);
}

function autoencoderStage(settings: ChipSettings, encode: Encoder): AlgorithmStage {
  const { links } = settings;
  const sent = sentRuns({ links, mask: settings.autoencoder?.mask ?? 0n });
  return stateless(links, (writer, crossing) => {
    const { calq, number } = crossing;
    const payload = autoencoderPayload(moduleSum(calq), encode(crossing), header5(number));
    packAutoencoder(writer, payload, links, sent);
  });
}

/**
 * The algorithm stage that the settings select; a new one starts with an empty buffer. `encode` gives the autoencoder's
 * latents; without it the slow reference computes them from the settings' weights.
 */
export function algorithmStage(settings: ChipSettings, encode?: Encoder): AlgorithmStage {
  switch (settings.algorithm) {
    case "threshold-sum":
      return thresholdSumStage(settings);
    case "super-trigger-cell":
      return superTriggerCellStage(settings);
    case "best-choice":
      return bestChoiceStage(settings);
    case "repeater":
      return repeaterStage(settings);
    case "autoencoder":
      return autoencoderStage(settings, encode ?? referenceEncoder(settings));
  }
}
