/** Inference of the convolutional autoencoder: kernels that are not square, explicit padding. */
import { BALER_CONVOLUTIONAL } from "../models/catalogue.js";
import { networkKernel } from "../models/networkkernel.js";
import { drawStandardised } from "../models/networkrows.js";

export const kernel = networkKernel({
  id: "baler-convolutional",
  title: "Convolutional jet autoencoder 2x5, 3x3, 3x3",
  source: "Baler (arXiv:2305.02283), modules/models.py Conv_AE",
  network: BALER_CONVOLUTIONAL,
  itemName: "jet",
  drawRow: drawStandardised(24),
  rows: [2, 1],
});
