/** Super trigger cells of 2x2, 2-bit place and 9-bit sum (chip type 0). */
import { defineCodec } from "../core/codec.js";
import { superTriggerCellCodec } from "./supertriggercellcodec.js";

export const codec = defineCodec(
  superTriggerCellCodec({
    id: "stc4-9",
    title: "super trigger cells of 4, 9-bit sums",
    type: 0,
    rules: ["chip", "ideal-python", "ideal-cmssw", "ideal-share"],
  }),
);
