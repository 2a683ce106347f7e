/** Threshold at a value of the user's choice, in CALQ or MIP_T; both zero by default, which keeps every cell with charge. */
import { defineCodec } from "../core/codec.js";
import { completeParameters, numberOf } from "../core/parameters.js";
import { CALQ_PER_MIPT } from "../core/table.js";
import { CALQ_MAXIMUM } from "../chip/calibration.js";
import { openThreshold, THRESHOLD_PARAMETERS } from "./thresholdcells.js";

const owner = {
  id: "threshold",
  parameters: {
    calq: { says: "smallest charge kept, CALQ counts", default: 0, minimum: 0, maximum: CALQ_MAXIMUM },
    mipt: {
      says: "smallest charge kept, MIP_T (35 CALQ, rounded down to whole counts); the stricter of the two counts",
      default: 0,
      minimum: 0,
      maximum: CALQ_MAXIMUM / CALQ_PER_MIPT,
    },
    ...THRESHOLD_PARAMETERS,
  },
};

export const codec = defineCodec({
  ...owner,
  title: "threshold",
  family: "threshold",
  source: "HGCAL concentrator threshold algorithm (CMSSW L1Trigger/L1THGCal)",
  variants: () => [],
  open(given) {
    const parameters = completeParameters(owner, given);
    const mipt = Math.floor(numberOf(parameters, "mipt") * CALQ_PER_MIPT);
    return openThreshold(owner, given, Math.max(numberOf(parameters, "calq"), mipt));
  },
});
