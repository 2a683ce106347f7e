/**
 * Threshold-sum in the chip's format, with or without the buffer that makes it fit its links.
 *
 * With buffer=chip the modules of one call are taken as consecutive crossings of one chip that starts with an empty buffer: what a
 * module may send depends on those before it, and results on how rows are cut into calls: quality is worked out in slabs of 2,048
 * rows (engine/quality.ts), containers in their blocks, each begun with an empty buffer. With buffer=none every event is sent whole and `links` is a budget only.
 */
import { defineCodec, type Parameters } from "../core/codec.js";
import { choiceOf, codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { CELLS } from "../core/table.js";
import { CALQ_BITS, CALQ_MAXIMUM } from "../chip/calibration.js";
import { cellsByChannel, CELL_ORDERS, channels } from "../chip/cellorder.js";
import { CODE_4E3M, CODE_5E3M, DECODE_POINTS, restoreCharge } from "../chip/floatcodes.js";
import { OUTPUT_LINKS } from "../chip/linkwords.js";
import { admit, defaultBufferThresholds, waitingAfter } from "../chip/thresholdbuffer.js";
import { EVENT, packThresholdSum, thresholdEvent, unpackThresholdSum } from "../chip/thresholdsum.js";
import { spreadSum } from "./chargeformat.js";
import { decode, drop, links, linkVariants, order, spread, SPREADS, sum, SUMS } from "./chipparameters.js";
import { checkHeader, openModuleCodec, STORED_HEADER, type ModuleFormat } from "./modulecodec.js";

const BUFFERS = ["chip", "none"] as const;
/** 1.35 MIP_T, the published setting. */
const THRESHOLD_CALQ = 47;

const owner = {
  id: "threshold-sum",
  parameters: {
    links: links(OUTPUT_LINKS, 2),
    calq: {
      says: "smallest charge kept, CALQ counts",
      default: THRESHOLD_CALQ,
      minimum: 0,
      maximum: CALQ_MAXIMUM,
    },
    buffer: {
      says: "the chip's output buffer, which replaces events that do not fit, or none",
      default: "chip",
      choices: BUFFERS,
    },
    drop,
    sum,
    decode,
    spread,
    order,
  },
};

function formatOf(parameters: Parameters): ModuleFormat {
  const cellOf = cellsByChannel(channels(choiceOf(parameters, "order", CELL_ORDERS)));
  const lost = numberOf(parameters, "drop");
  const point = choiceOf(parameters, "decode", DECODE_POINTS);
  const sumOfAll = choiceOf(parameters, "sum", SUMS) === "all";
  const spreading = choiceOf(parameters, "spread", SPREADS);
  const buffered = choiceOf(parameters, "buffer", BUFFERS) === "chip";
  const linkCount = numberOf(parameters, "links");
  const buffer = defaultBufferThresholds(linkCount);
  const thresholds = new Float64Array(CELLS).fill(numberOf(parameters, "calq"));
  let waiting = 0;
  return {
    encode(calq, writer) {
      const byChannel = Float64Array.from(cellOf, (cell) => calq[cell]);
      const whole = thresholdEvent(byChannel, STORED_HEADER, { thresholds, drop: lost, sumOfAll });
      const event = buffered ? admit(whole, byChannel, waiting, buffer) : whole;
      waiting = waitingAfter(waiting, event, linkCount);
      packThresholdSum(writer, event);
    },
    decode(reader, restored) {
      const event = unpackThresholdSum(reader);
      checkHeader(event.header);
      const sent = event.addresses.map((channel) => cellOf[channel]);
      sent.forEach((cell, i) => {
        restored[cell] = restoreCharge(event.charges[i], CODE_4E3M, lost, point);
      });
      const ofAll = sumOfAll || event.type === EVENT.overflow || event.type === EVENT.drained;
      spreadSum(restored, sent, restoreCharge(event.sum, CODE_5E3M, 0, point), ofAll, spreading);
    },
  };
}

export const codec = defineCodec({
  ...owner,
  title: "threshold-sum",
  family: "threshold",
  source: "ECON-T threshold-sum (emulator and test vectors)",
  variants: () => linkVariants(owner.parameters.links),
  open(given) {
    const parameters = completeParameters(owner, given);
    const facts = {
      label: codecLabel(owner, given),
      links: numberOf(parameters, "links"),
      cost: { multiplyAccumulates: 0, comparisons: CELLS, parameters: CELLS, weightBits: CELLS * CALQ_BITS },
      side: [],
      integersOnly: true,
    };
    return openModuleCodec(facts, () => formatOf(parameters));
  },
});
