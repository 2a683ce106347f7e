/** Inference of the larger dense jet autoencoder, 27 variables to 20 latents and back. */
import { JETS_400 } from "../models/catalogue.js";
import { networkKernel } from "../models/networkkernel.js";
import { drawStandardised } from "../models/networkrows.js";

export const kernel = networkKernel({
  id: "jets-400",
  title: "Jet autoencoder 27-400-400-200-20",
  source:
    "HEP jet autoencoders: Wulff 2020, HEPAutoencoders AE_bn_LeakyReLU; batch normalisation: Ioffe and Szegedy 2015, arXiv:1502.03167",
  network: JETS_400,
  itemName: "jet",
  drawRow: drawStandardised(27),
  rows: [4, 1],
});
