/** What a network costs beyond its multiply-accumulates: comparisons of rectifiers and of pooling, per input row. */
import { product, type Plan, type PlannedLayer } from "./network.js";

function comparisonsOfLayer({ layer, outputShape }: PlannedLayer): number {
  const outputs = product(outputShape);
  if (layer.kind === "max-pool") return outputs * (layer.size * layer.size - 1);
  const rectified =
    "activation" in layer && (layer.activation === "relu" || layer.activation === "leaky-relu");
  return rectified ? outputs : 0;
}

/** One for each rectified output, size^2 - 1 for each pooled one. */
export function comparisonsOf({ layers }: Plan): number {
  return layers.reduce((sum, layer) => sum + comparisonsOfLayer(layer), 0);
}
