/** Inference of the sparse autoencoder of 24 jet variables. */
import { JETS_SAE } from "../models/catalogue.js";
import { networkKernel } from "../models/networkkernel.js";
import { drawStandardised } from "../models/networkrows.js";

export const kernel = networkKernel({
  id: "jets-sae",
  title: "Sparse jet autoencoder 24-200-100-50-15",
  source: "HEP jet autoencoders, GSoC 2021: sparse_autoencoder.py; Baler (arXiv:2305.02283), george_SAE",
  network: JETS_SAE,
  itemName: "jet",
  drawRow: drawStandardised(24),
});
