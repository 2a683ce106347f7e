/** Slopes of the network that guesses the EMD in its two pictures: what trains an autoencoder on that guess. */
import { architectureOf } from "../models/architectures.js";
import { frozenNetwork } from "../models/frozennetwork.js";
import { inputSlopesKernel } from "../models/inputslopeskernel.js";
import type { Network } from "../models/network.js";
import { drawPicture4x4x3 } from "../models/networkrows.js";
import type { Rng } from "../core/rng.js";

const CHANNELS = 3;
const ARCHITECTURE = "emd-cnn-3x32-256";

/** Two pictures on the channels of one, pixel by pixel. */
function drawPair(rng: Rng): Float64Array {
  const sides = [drawPicture4x4x3(rng), drawPicture4x4x3(rng)];
  return Float64Array.from({ length: 2 * sides[0].length }, (_, i) => {
    const [pixel, channel] = [Math.floor(i / (2 * CHANNELS)), i % (2 * CHANNELS)];
    return sides[Math.floor(channel / CHANNELS)][pixel * CHANNELS + (channel % CHANNELS)];
  });
}

export const kernel = inputSlopesKernel({
  id: "emd-cnn-slopes",
  title: "Input slopes of the EMD-CNN 3x32-256",
  source: "fastml-science sensor-data-compression, pair_emd_loss_cnn.py; arXiv:2306.04712",
  network: frozenNetwork(architectureOf(ARCHITECTURE).parts.network as Network),
  itemName: "pair",
  drawRow: drawPair,
  rows: 9,
});
