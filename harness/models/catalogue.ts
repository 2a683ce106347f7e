/**
 * The networks of the published studies, as data. Weights are not here.
 *
 * Sources: ECON-T encoders and decoders: fastml-science sensor-data-compression (denseCNN.py, networks.py) and the CMSSW 4x4x3
 * models; jets: the HEPAutoencoders studies (27-200-200-200-z and 27-400-400-200-z, LeakyReLU and batch normalisation after it).
 */
import type { Activation, Layer, Network } from "./network.js";

const conv = (filters: number, stride = 1, activation: Activation = "relu", kernel = 3): Layer => ({
  kind: "conv2d",
  filters,
  kernel,
  stride,
  activation,
});
const convTransposed = (filters: number, stride = 1, activation: Activation = "relu", kernel = 3): Layer => ({
  kind: "conv2d-transpose",
  filters,
  kernel,
  stride,
  activation,
});
const dense = (units: number, activation: Activation): Layer => ({ kind: "dense", units, activation });
const flatten: Layer = { kind: "flatten" };
const sigmoid: Layer = { kind: "activation", activation: "sigmoid" };

const LATENT = 16;
const LEAK = 0.01;

const network = (id: string, input: readonly number[], layers: readonly Layer[], leak = LEAK): Network => ({
  id,
  input,
  layers,
  leak,
});

/** 8x8 picture, eight 3x3 filters with stride 2, sixteen latents: the chip's encoder. */
export const ENCODER_STRIDE = network(
  "encoder-8x8-stride",
  [8, 8, 1],
  [conv(8, 2), flatten, dense(LATENT, "relu")],
);

export const DECODER_STRIDE = network(
  "decoder-8x8-stride",
  [LATENT],
  [
    dense(128, "relu"),
    { kind: "reshape", to: [4, 4, 8] },
    convTransposed(8, 2),
    convTransposed(1, 1, "linear"),
    sigmoid,
  ],
);

export const ENCODER_POOL = network(
  "encoder-8x8-pool",
  [8, 8, 1],
  [conv(8), { kind: "max-pool", size: 2 }, flatten, dense(LATENT, "relu")],
);

export const DECODER_POOL = network(
  "decoder-8x8-pool",
  [LATENT],
  [
    dense(128, "relu"),
    { kind: "reshape", to: [4, 4, 8] },
    { kind: "upsample", size: 2 },
    convTransposed(8),
    convTransposed(1, 1, "linear"),
    sigmoid,
  ],
);

export const ENCODER_443 = network("encoder-4x4x3", [4, 4, 3], [conv(8), flatten, dense(LATENT, "relu")]);

export const DECODER_443 = network(
  "decoder-4x4x3",
  [LATENT],
  [
    dense(128, "relu"),
    { kind: "reshape", to: [4, 4, 8] },
    convTransposed(8),
    convTransposed(3, 1, "linear"),
    sigmoid,
  ],
);

/** Encoder and decoder in one, for training and for timing the whole line. */
export function joined(id: string, encoder: Network, decoder: Network): Network {
  return network(id, encoder.input, [...encoder.layers, ...decoder.layers], encoder.leak);
}

export const AUTOENCODER_STRIDE = joined("autoencoder-8x8-stride", ENCODER_STRIDE, DECODER_STRIDE);
export const AUTOENCODER_POOL = joined("autoencoder-8x8-pool", ENCODER_POOL, DECODER_POOL);
export const AUTOENCODER_443 = joined("autoencoder-4x4x3", ENCODER_443, DECODER_443);

/**
 * Dense autoencoder of jets: `widths` are input, hidden..., latent, hidden..., output. Every layer but the last is followed by
 * `activation` and, when asked for, by batch normalisation (after the activation, as the studies have it).
 */
export function jetNetwork(
  id: string,
  widths: readonly number[],
  activation: Activation,
  normalised: boolean,
): Network {
  const layers = widths.slice(1).flatMap((units, index): Layer[] => {
    const last = index === widths.length - 2;
    if (last) return [dense(units, "linear")];
    const layer = dense(units, activation);
    return normalised ? [layer, { kind: "batch-norm", epsilon: 1e-5, momentum: 0.9 }] : [layer];
  });
  return network(id, [widths[0]], layers);
}

export const JETS_200 = jetNetwork(
  "jets-200",
  [27, 200, 200, 200, 14, 200, 200, 200, 27],
  "leaky-relu",
  true,
);
export const JETS_400 = jetNetwork(
  "jets-400",
  [27, 400, 400, 200, 20, 200, 400, 400, 27],
  "leaky-relu",
  true,
);
