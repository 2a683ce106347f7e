/** Gradients of a dense jet autoencoder with batch normalisation: statistics of the batch, and the way back through them. */
import { jetNetwork } from "../models/catalogue.js";
import { drawStandardised } from "../models/networkrows.js";
import { gradientOfLossKernel } from "../models/trainingkernel.js";

export const kernel = gradientOfLossKernel({
  id: "training-jets",
  title: "Gradients of a jet autoencoder 27-100-50-14",
  source:
    "HEP jet autoencoders: Wulff 2020, HEPAutoencoders AE_bn_LeakyReLU; batch normalisation: Ioffe and Szegedy 2015, arXiv:1502.03167",
  network: jetNetwork("jets-100", [27, 100, 50, 14, 50, 100, 27], "leaky-relu", true),
  itemName: "jet",
  drawRow: drawStandardised(27),
  losses: ["mse", "wasserstein-1"],
  rows: 67,
});
