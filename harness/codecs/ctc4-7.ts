/** Coarse trigger cells of 2x2, 7-bit sum and no place (chip type 2). */
import { defineCodec } from "../core/codec.js";
import { superTriggerCellCodec } from "./supertriggercellcodec.js";

export const codec = defineCodec(
  superTriggerCellCodec({
    id: "ctc4-7",
    title: "coarse trigger cells of 4, 7-bit sums",
    type: 2,
    rules: ["chip", "ideal-share"],
  }),
);
