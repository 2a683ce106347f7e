/** Threshold 0: all trigger cells that have charge, without a bandwidth limit. */
import { defineCodec } from "../core/codec.js";
import { openThreshold, THRESHOLD_PARAMETERS } from "./thresholdcells.js";

const owner = { id: "threshold-0", parameters: THRESHOLD_PARAMETERS };

export const codec = defineCodec({
  ...owner,
  title: "all trigger cells",
  family: "threshold",
  source: "Threshold0 of the concentrator studies (CMSSW L1Trigger/L1THGCal)",
  variants: () => [{}],
  open: (given) => openThreshold(owner, given, 0),
});
