/** Threshold 1.35 MIP_T: trigger cells of at least 47 CALQ counts, without a bandwidth limit. */
import { defineCodec } from "../core/codec.js";
import { openThreshold, THRESHOLD_PARAMETERS } from "./thresholdcells.js";

/** 1.35 MIP_T x 3.43 fC / (100/1024 fC) = 47.4 counts; charges are whole, so >= 47 as the chip's register has it. */
const THRESHOLD_CALQ = 47;

const owner = { id: "threshold-1.35", parameters: THRESHOLD_PARAMETERS };

export const codec = defineCodec({
  ...owner,
  title: "threshold 1.35 MIP_T",
  family: "threshold",
  source: "HGCAL concentrator threshold algorithm, V10 geometry (CMSSW L1Trigger/L1THGCal)",
  variants: () => [{}],
  open: (given) => openThreshold(owner, given, THRESHOLD_CALQ),
});
