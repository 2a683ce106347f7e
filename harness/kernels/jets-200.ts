/** Inference of a dense jet autoencoder, 27 variables to 14 latents and back, batch normalisation included. */
import { JETS_200 } from "../models/catalogue.js";
import { networkKernel } from "../models/networkkernel.js";
import { drawStandardised } from "../models/networkrows.js";

export const kernel = networkKernel({
  id: "jets-200",
  title: "Jet autoencoder 27-200-200-200-14",
  source:
    "HEP jet autoencoders: Wulff 2020, HEPAutoencoders AE_bn_LeakyReLU; batch normalisation: Ioffe and Szegedy 2015, arXiv:1502.03167",
  network: JETS_200,
  itemName: "jet",
  drawRow: drawStandardised(27),
  rows: [4, 1, 3],
});
