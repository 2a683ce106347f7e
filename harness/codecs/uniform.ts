/**
 * Uniform picture: only the module's sum is sent and shared equally by its 48 cells: what a shape is worth without its shape.
 *
 * Bits: 4 header (0); 9 sum, 5E4M of the sum's whole part. A module whose sum is below 1 count comes back empty.
 */
import { defineCodec } from "../core/codec.js";
import { FREE } from "../core/encodercost.js";
import { choiceOf, codecLabel, completeParameters } from "../core/parameters.js";
import { CODE_5E4M, DECODE_POINTS, encodeFloat, restoreCharge } from "../chip/floatcodes.js";
import { decode } from "./chipparameters.js";
import { checkHeader, openModuleCodec, STORED_HEADER } from "./modulecodec.js";

const HEADER_BITS = 4;

const owner = { id: "uniform", parameters: { decode } };

/** Sums beyond every code saturate; above 2^53 a sum has no exact whole part to shift. */
const LARGEST_SUM = Number.MAX_SAFE_INTEGER;

export const codec = defineCodec({
  ...owner,
  title: "uniform picture",
  family: "floor",
  source: "none: the module's sum alone",
  variants: () => [{}],
  open(given) {
    const point = choiceOf(completeParameters(owner, given), "decode", DECODE_POINTS);
    const facts = {
      label: codecLabel(owner, given),
      cost: FREE,
      side: [],
      integersOnly: false,
    };
    return openModuleCodec(facts, () => ({
      encode(calq, writer) {
        const sum = Math.min(
          LARGEST_SUM,
          calq.reduce((total, charge) => total + charge, 0),
        );
        writer.write(STORED_HEADER, HEADER_BITS);
        writer.write(encodeFloat(Math.floor(sum), CODE_5E4M), CODE_5E4M.bits);
      },
      decode(reader, restored) {
        checkHeader(reader.read(HEADER_BITS));
        const sum = restoreCharge(reader.read(CODE_5E4M.bits), CODE_5E4M, 0, point);
        restored.fill(sum / restored.length);
      },
    }));
  },
});
