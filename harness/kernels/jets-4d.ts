/** Inference of the autoencoder that sends a four-momentum as three numbers. */
import { JETS_4D } from "../models/catalogue.js";
import { networkKernel } from "../models/networkkernel.js";
import { drawStandardised } from "../models/networkrows.js";

export const kernel = networkKernel({
  id: "jets-4d",
  title: "Four-momentum autoencoder 4-200-100-50-3, tanh",
  source: "HEP jet autoencoders (Wulff 2020, HEPAutoencoders), nn_utils.py: AE_3D_200",
  network: JETS_4D,
  itemName: "jet",
  drawRow: drawStandardised(4),
});
