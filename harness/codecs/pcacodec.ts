/**
 * Makes the codec of the first k principal components of simulated modules: the classical rival of learned encoders.
 *
 * Vectors and quantisers come from scripts/fit-pca.mjs; they are nested, so that all k share one table. The plug-in files only
 * say k.
 */
import { defineCodec, type Codec, type EncoderCost } from "../core/codec.js";
import { codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { CELLS } from "../core/table.js";
import { links, linkVariants } from "./chipparameters.js";
import { openModuleCodec } from "./modulecodec.js";
import { componentBits, pcaFormat, WEIGHT_BITS } from "./pcaformat.js";

const MOST_LINKS = 5;
/** A projection of the normalised module and a threshold: sign, six bits for a weight of 1, seven of fraction. */
const THRESHOLD_BITS = 14;

function costOf(components: number, count: number): EncoderCost {
  const bits = componentBits(components, count).filter((width) => width > 0);
  const steps = bits.reduce((sum, width) => sum + width, 0);
  const weights = bits.length * CELLS;
  const thresholds = bits.reduce((sum, width) => sum + 2 ** width - 1, 0);
  return {
    multiplyAccumulates: weights + steps,
    comparisons: steps,
    parameters: weights + thresholds,
    weightBits: weights * WEIGHT_BITS + thresholds * THRESHOLD_BITS,
  };
}

export function pcaCodec(components: number): Codec {
  const owner = { id: `pca-${components}`, parameters: { links: links(MOST_LINKS, 2) } };
  return defineCodec({
    ...owner,
    title: `${components} principal components`,
    family: "principal components",
    source:
      "Hotelling 1933, doi:10.1037/h0071325; quantisers: Lloyd 1982, doi:10.1109/TIT.1982.1056489; tables fitted here",
    onlyNamed: true,
    variants: () => linkVariants(owner.parameters.links),
    open(given) {
      const count = numberOf(completeParameters(owner, given), "links");
      const facts = {
        label: codecLabel(owner, given),
        links: count,
        cost: costOf(components, count),
        side: [],
        integersOnly: true,
      };
      return openModuleCodec(facts, () => pcaFormat(components, count));
    },
  });
}
