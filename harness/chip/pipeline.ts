/**
 * The chip from input codes to output words, one crossing at a time: codes -> multiplexer -> CALQ -> algorithm -> links.
 *
 * Only threshold-sum remembers anything between crossings (its buffer). The autoencoder is not part of this pipeline.
 */
import { BitWriter } from "../core/bits.js";
import { InputError } from "../core/errors.js";
import { BEST_CHOICE_CELLS, chooseBest, packBestChoice } from "./bestchoice.js";
import { header4, header5 } from "./bxheader.js";
import { calibrate } from "./calibration.js";
import { multiplex } from "./inputwords.js";
import { linkWords, linkWordsOfHalves, OUTPUT_LINKS } from "./linkwords.js";
import type { ChipSettings } from "./registers.js";
import { packRepeater, REPEATER_LINKS } from "./repeater.js";
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
function stateless(links: number, pack: (writer: BitWriter, crossing: Crossing) => void): AlgorithmStage {
  return (crossing) => {
    const writer = new BitWriter(64);
    pack(writer, crossing);
    return linkWords(writer.toBytes(), links);
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
  if (settings.links < REPEATER_LINKS)
    throw new InputError(
      `registers: active_etxs: expected ${REPEATER_LINKS}..${OUTPUT_LINKS} links for the repeater, got ${settings.links}`,
      { tag: "register" },
    );
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

/** The algorithm stage that the settings select; a new one starts with an empty buffer. */
export function algorithmStage(settings: ChipSettings): AlgorithmStage {
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
      throw new InputError(
        "registers: algorithm: expected threshold-sum, super-trigger-cell, best-choice or repeater, got autoencoder",
        { tag: "register" },
      );
  }
}
