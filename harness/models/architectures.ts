/**
 * Architectures by id, for weight files that do not list their layers (`--arch ID`).
 *
 * Sources: catalogue.ts; the EMD-approximating networks of fastml-science sensor-data-compression (pair_emd_loss_cnn.py); the
 * 27-variable jet autoencoders and the 26-variable LHCb one.
 */
import { printable, UsageError } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import {
  DECODER_443,
  DECODER_POOL,
  DECODER_STRIDE,
  ENCODER_443,
  ENCODER_POOL,
  ENCODER_STRIDE,
} from "./catalogue.js";
import type { PartName } from "./imported.js";
import type { Activation, Layer, Network } from "./network.js";

export interface Architecture {
  readonly id: string;
  readonly says: string;
  readonly parts: Readonly<Partial<Record<PartName, Network>>>;
}

const LEAK = 0.01;

const conv = (kind: "conv2d" | "conv2d-transpose", filters: number, activation: Activation): Layer => ({
  kind,
  filters,
  kernel: 3,
  stride: 1,
  activation,
});

const network = (id: string, input: readonly number[], layers: readonly Layer[]): Network => ({
  id,
  input,
  layers,
  leak: LEAK,
});

/** 8x8 picture, eight filters without stride or pooling, twelve latents (February 2020). */
const PLAIN_ENCODER = network(
  "encoder-8x8-plain",
  [8, 8, 1],
  [conv("conv2d", 8, "relu"), { kind: "flatten" }, { kind: "dense", units: 12, activation: "relu" }],
);
const PLAIN_DECODER = network(
  "decoder-8x8-plain",
  [12],
  [
    { kind: "dense", units: 512, activation: "relu" },
    { kind: "reshape", to: [8, 8, 8] },
    conv("conv2d-transpose", 8, "relu"),
    conv("conv2d-transpose", 1, "linear"),
    { kind: "activation", activation: "sigmoid" },
  ],
);

/**
 * Decoder for the chip's encoder that need not be small: it is off the detector. Sixteen latents tell more of a module with few hits
 * than small layers take out of them (docs/training.md).
 */
const WIDE_DECODER = network(
  "decoder-8x8-wide",
  [16],
  [
    { kind: "dense", units: 256, activation: "relu" },
    { kind: "dense", units: 256, activation: "relu" },
    { kind: "dense", units: 64, activation: "linear" },
    { kind: "reshape", to: [8, 8, 1] },
    { kind: "activation", activation: "sigmoid" },
  ],
);

/** Two 4x4x3 pictures on six channels to one number: `depth` layers of 32 filters 5x5, then `units`. */
function emdNetwork(id: string, depth: number, units: number): Network {
  const normalised: readonly Layer[] = [
    { kind: "batch-norm", epsilon: 1e-3, momentum: 0.99 },
    { kind: "activation", activation: "relu" },
  ];
  const convolutions = Array.from({ length: depth }, (): Layer[] => [
    { kind: "conv2d", filters: 32, kernel: 5, stride: 1, activation: "linear" },
    ...normalised,
  ]).flat();
  return network(
    id,
    [4, 4, 6],
    [
      ...convolutions,
      { kind: "flatten" },
      { kind: "dense", units, activation: "linear" },
      ...normalised,
      { kind: "dense", units: 1, activation: "linear" },
    ],
  );
}

/** Dense layers of these widths; `after` follows every layer but, where `openEnd`, the last. */
function denseStack(id: string, widths: readonly number[], normalised: boolean, openEnd: boolean): Network {
  const layers = widths.slice(1).flatMap((units, i): Layer[] => {
    if (openEnd && i === widths.length - 2) return [{ kind: "dense", units, activation: "linear" }];
    const layer: Layer = { kind: "dense", units, activation: "leaky-relu" };
    return normalised ? [layer, { kind: "batch-norm", epsilon: 1e-5, momentum: 0.9 }] : [layer];
  });
  return network(id, [widths[0]], layers);
}

const JET_HIDDEN: Readonly<Record<string, readonly number[]>> = {
  200: [200, 200, 200],
  400: [400, 400, 200],
};
const JET_COLUMNS = 27;
const JET_ID = /^jets-(200|400)-(\d{1,2})$/;

/** 27 variables, three hidden layers on each side, batch normalisation after every activation (that of the latents too). */
function jetArchitecture(id: string): Architecture | undefined {
  const match = JET_ID.exec(id);
  if (match === null || Number(match[2]) < 1) return undefined;
  const hidden = JET_HIDDEN[match[1]];
  const latents = Number(match[2]);
  return {
    id,
    says: `jets, ${JET_COLUMNS} variables to ${latents}`,
    parts: {
      encoder: denseStack(`${id}-encoder`, [JET_COLUMNS, ...hidden, latents], true, false),
      decoder: denseStack(`${id}-decoder`, [latents, ...hidden.toReversed(), JET_COLUMNS], true, true),
    },
  };
}

const NAMED: readonly Architecture[] = [
  {
    id: "autoencoder-4x4x3",
    says: "4x4x3 picture, 8 filters, 16 latents (CMSSW)",
    parts: { encoder: ENCODER_443, decoder: DECODER_443 },
  },
  {
    id: "autoencoder-8x8-stride",
    says: "8x8 picture, 8 filters with stride 2, 16 latents (the chip's)",
    parts: { encoder: ENCODER_STRIDE, decoder: DECODER_STRIDE },
  },
  {
    id: "autoencoder-8x8-pool",
    says: "8x8 picture, 8 filters and 2x2 pooling, 16 latents",
    parts: { encoder: ENCODER_POOL, decoder: DECODER_POOL },
  },
  {
    id: "autoencoder-8x8-wide",
    says: "the chip's encoder, and a decoder of 256 and 256 units",
    parts: { encoder: ENCODER_STRIDE, decoder: WIDE_DECODER },
  },
  {
    id: "autoencoder-8x8-plain",
    says: "8x8 picture, 8 filters, 12 latents (February 2020)",
    parts: { encoder: PLAIN_ENCODER, decoder: PLAIN_DECODER },
  },
  {
    id: "emd-cnn-3x32-256",
    says: "approximates the EMD of two 4x4x3 pictures (ae_*, app_*, pair_huber, pair_mse)",
    parts: { network: emdNetwork("emd-cnn-3x32-256", 3, 256) },
  },
  {
    id: "emd-cnn-4x32-32",
    says: "approximates the EMD of two 4x4x3 pictures (pair_msle)",
    parts: { network: emdNetwork("emd-cnn-4x32-32", 4, 32) },
  },
  {
    id: "baler-26-13",
    says: "26 variables to 13 (LHCb)",
    parts: {
      encoder: denseStack("baler-26-13-encoder", [26, 200, 100, 50, 13], false, true),
      decoder: denseStack("baler-26-13-decoder", [13, 50, 100, 200, 26], false, true),
    },
  },
];

/** Ids that `--arch` takes; `jets-200-<z>` and `jets-400-<z>` stand for any number of latents. */
export const ARCHITECTURE_IDS: readonly string[] = [
  ...NAMED.map(({ id }) => id),
  "jets-200-<z>",
  "jets-400-<z>",
];

/** The named architectures, in the order of their ids' list. */
export const architectures = NAMED;

/** The architecture of an id; refuses (UsageError) an unknown one, with the nearest names. */
export function architectureOf(id: string): Architecture {
  const found = NAMED.find((one) => one.id === id) ?? jetArchitecture(id);
  if (found !== undefined) return found;
  const near = nearestNames(id, ARCHITECTURE_IDS);
  throw new UsageError(
    `architecture: unknown: expected one of ${ARCHITECTURE_IDS.join(", ")}, got ${printable(id)}`,
    near.length === 0 ? {} : { remedy: `did you mean ${near.join(" or ")}?` },
  );
}
