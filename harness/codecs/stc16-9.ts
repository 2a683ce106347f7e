/** Super trigger cells of 4x4, 4-bit place and 9-bit sum (chip type 1). */
import { defineCodec } from "../core/codec.js";
import { superTriggerCellCodec } from "./supertriggercellcodec.js";

export const codec = defineCodec(
  superTriggerCellCodec({
    id: "stc16-9",
    title: "super trigger cells of 16, 9-bit sums",
    type: 1,
    rules: ["chip", "ideal-python", "ideal-cmssw", "ideal-share"],
  }),
);
