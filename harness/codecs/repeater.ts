/** Repeater: all 48 cells as 7-bit codes. The chip repeats its input codes; here they are made again from CALQ, truncated. */
import { defineCodec } from "../core/codec.js";
import { FREE } from "../core/encodercost.js";
import { choiceOf, codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { cellsByChannel, CELL_ORDERS, channels } from "../chip/cellorder.js";
import { CODE_4E3M, DECODE_POINTS, dropBits, encodeFloat, restoreCharge } from "../chip/floatcodes.js";
import { packRepeater, REPEATER_LINKS, unpackRepeater } from "../chip/repeater.js";
import { decode, drop, order } from "./chipparameters.js";
import { checkHeader, openModuleCodec, STORED_HEADER } from "./modulecodec.js";

const owner = {
  id: "repeater",
  parameters: {
    links: {
      says: "output links of 32 bits per crossing",
      default: REPEATER_LINKS,
      choices: [REPEATER_LINKS, 12, 13],
    },
    drop,
    decode,
    order,
  },
};

export const codec = defineCodec({
  ...owner,
  title: "repeater",
  family: "repeater",
  source: "ECON-T repeater (emulator and test vectors)",
  // More links would send the same bits.
  variants: () => [{ links: REPEATER_LINKS }],
  open(given) {
    const parameters = completeParameters(owner, given);
    const lost = numberOf(parameters, "drop");
    const point = choiceOf(parameters, "decode", DECODE_POINTS);
    const cellOf = cellsByChannel(channels(choiceOf(parameters, "order", CELL_ORDERS)));
    const facts = {
      label: codecLabel(owner, given),
      links: numberOf(parameters, "links"),
      cost: FREE,
      side: [],
      integersOnly: true,
    };
    return openModuleCodec(facts, () => ({
      encode(calq, writer) {
        const codes = cellOf.map((cell) => encodeFloat(dropBits(calq[cell], lost), CODE_4E3M));
        packRepeater(writer, STORED_HEADER, codes);
      },
      decode(reader, restored) {
        const { header, codes } = unpackRepeater(reader);
        checkHeader(header);
        cellOf.forEach((cell, channel) => {
          restored[cell] = restoreCharge(codes[channel], CODE_4E3M, lost, point);
        });
      },
    }));
  },
});
