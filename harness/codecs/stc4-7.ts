/** Super trigger cells of 2x2, 2-bit place and 7-bit sum (chip type 3). */
import { defineCodec } from "../core/codec.js";
import { superTriggerCellCodec } from "./supertriggercellcodec.js";

export const codec = defineCodec(
  superTriggerCellCodec({
    id: "stc4-7",
    title: "super trigger cells of 4, 7-bit sums",
    type: 3,
    rules: ["chip", "ideal-python", "ideal-share"],
  }),
);
