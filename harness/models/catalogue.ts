/**
 * The networks of the published studies, as data. Weights are not here.
 *
 * Sources: ECON-T encoders and decoders: fastml-science sensor-data-compression (denseCNN.py, networks.py) and the CMSSW 4x4x3
 * models; jets: the HEPAutoencoders studies (27-200-200-200-z and 27-400-400-200-z, LeakyReLU and batch normalisation after it).
 */
import type { Activation, Convolution, Layer, Network } from "./network.js";

const conv = (filters: number, stride = 1, activation: Activation = "relu", kernel = 3): Convolution => ({
  kind: "conv2d",
  filters,
  kernel,
  stride,
  activation,
});
const convTransposed = (
  filters: number,
  stride = 1,
  activation: Activation = "relu",
  kernel = 3,
): Convolution => ({ ...conv(filters, stride, activation, kernel), kind: "conv2d-transpose" });
const dense = (units: number, activation: Activation): Layer => ({ kind: "dense", units, activation });
const flatten: Layer = { kind: "flatten" };
const sigmoid: Layer = { kind: "activation", activation: "sigmoid" };
const relu: Layer = { kind: "activation", activation: "relu" };
const batchNorm: Layer = { kind: "batch-norm", epsilon: 1e-5, momentum: 0.9 };

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
 * Deeper encoder of the 4x4x3 picture and its mirror image: filters 8, 4 and 2, kernels 5, 5 and 3 (martinModels.py, the
 * Sep1_CNN variants).
 */
export const AUTOENCODER_DEEP = network(
  "autoencoder-deep",
  [4, 4, 3],
  [
    conv(8, 1, "relu", 5),
    conv(4, 1, "relu", 5),
    conv(2),
    flatten,
    dense(LATENT, "relu"),
    dense(32, "relu"),
    { kind: "reshape", to: [4, 4, 2] },
    convTransposed(2),
    convTransposed(4, 1, "relu", 5),
    convTransposed(8, 1, "relu", 5),
    convTransposed(3, 1, "linear"),
    sigmoid,
  ],
);

/**
 * Baler's convolutional autoencoder (modules/models.py, Conv_AE) on 24 columns as a 4x6 picture: kernel 2x5 with one zero on each
 * side, 3x3 with one, 3x3 with none; 2000 units between the filters and the latents.
 */
export const BALER_CONVOLUTIONAL = network(
  "baler-convolutional",
  [4, 6, 1],
  [
    { ...conv(8, 1, "relu", 2), kernelColumns: 5, padding: 1 },
    { ...conv(16, 1, "linear"), padding: 1 },
    batchNorm,
    relu,
    { ...conv(32), padding: 0 },
    flatten,
    dense(2000, "relu"),
    dense(15, "relu"),
    dense(2000, "relu"),
    dense(192, "relu"),
    { kind: "reshape", to: [3, 2, 32] },
    { ...convTransposed(16, 1, "linear"), padding: 0 },
    batchNorm,
    relu,
    { ...convTransposed(8, 1, "linear"), padding: 1 },
    batchNorm,
    relu,
    { ...convTransposed(1, 1, "linear", 2), kernelColumns: 5, padding: 1 },
  ],
);

/**
 * Dense autoencoder of jets: `widths` are input, hidden..., latent, hidden..., output. Every layer but the last is followed by
 * `activation` (the latents where they are not linear) and, when asked for, by batch normalisation after it, as the studies have it.
 */
export function jetNetwork(
  id: string,
  widths: readonly number[],
  activation: Activation,
  normalised: boolean,
  hasLinearLatents = false,
): Network {
  const last = widths.length - 2;
  const latents = (widths.length - 1) / 2 - 1;
  const layers = widths.slice(1).flatMap((units, index): Layer[] => {
    if (index === last || (hasLinearLatents && index === latents)) return [dense(units, "linear")];
    const layer = dense(units, activation);
    return normalised ? [layer, batchNorm] : [layer];
  });
  return network(id, [widths[0]], layers);
}

/** Widths of an autoencoder whose decoder is the encoder backwards. */
const mirrored = (widths: readonly number[]): readonly number[] => [
  ...widths,
  ...widths.slice(0, -1).toReversed(),
];

export const JETS_200 = jetNetwork("jets-200", mirrored([27, 200, 200, 200, 14]), "leaky-relu", true);
export const JETS_400 = jetNetwork("jets-400", mirrored([27, 400, 400, 200, 20]), "leaky-relu", true);
/** The sparse autoencoder of 24 variables: its sparsity is in the loss (GSoC 2021; Baler's AE, where it is called george_SAE). */
export const JETS_SAE = jetNetwork("jets-sae", mirrored([24, 200, 100, 50, 15]), "leaky-relu", false, true);
/** Four-momentum to three numbers; tanh on every layer, on the latents as the decoder reads them (AE_3D_200). */
export const JETS_4D = jetNetwork("jets-4d", mirrored([4, 200, 100, 50, 3]), "tanh", false);
