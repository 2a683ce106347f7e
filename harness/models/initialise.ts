/**
 * Starting values of a network's parameters, seeded: Glorot-uniform kernels and zero biases (Keras' default), or
 * U(+-1/sqrt(fan in)) for kernels and biases (PyTorch's default). Batch-norm starts at gamma 1, beta 0, mean 0, variance 1.
 */
import { sqrt } from "../core/elementary.js";
import { rng } from "../core/rng.js";
import { type Plan, type Tensor, product } from "./network.js";

export type Initialiser = "glorot" | "fan-in";

/** Inputs that reach one output value, and outputs that one input value reaches, as Keras counts them. */
function fans(kernel: Tensor, transposed: boolean): { fanIn: number; fanOut: number } {
  const receptive = product(kernel.shape.slice(0, -2));
  const [first, second] = kernel.shape.slice(-2);
  const [inputs, outputs] = transposed ? [second, first] : [first, second];
  return { fanIn: inputs * receptive, fanOut: outputs * receptive };
}

/** [plan.parameters] float64; the same seed gives the same bits. */
export function initialise(plan: Plan, seed: number, initialiser: Initialiser = "glorot"): Float64Array {
  const parameters = new Float64Array(plan.parameters);
  plan.layers.forEach(({ layer, tensors }, index) => {
    const source = rng(seed, index);
    if (layer.kind === "batch-norm") {
      const [gamma, , , variance] = tensors;
      parameters.fill(1, gamma.offset, gamma.offset + gamma.size);
      parameters.fill(1, variance.offset, variance.offset + variance.size);
      return;
    }
    if (tensors.length === 0) return;
    const [kernel, bias] = tensors;
    const { fanIn, fanOut } = fans(kernel, layer.kind === "conv2d-transpose");
    const limit = initialiser === "glorot" ? sqrt(6 / (fanIn + fanOut)) : sqrt(1 / fanIn);
    const draw = (): number => limit * (2 * source.uniform() - 1);
    for (let i = 0; i < kernel.size; i++) parameters[kernel.offset + i] = draw();
    if (initialiser === "fan-in") for (let i = 0; i < bias.size; i++) parameters[bias.offset + i] = draw();
  });
  return parameters;
}
