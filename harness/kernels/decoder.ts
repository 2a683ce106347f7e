/** Inference of the encoder's counterpart: sixteen latents to an 8x8 picture. */
import { DECODER_STRIDE } from "../models/catalogue.js";
import { networkKernel } from "../models/networkkernel.js";
import { drawLatents } from "../models/networkrows.js";

export const kernel = networkKernel({
  id: "decoder",
  title: "Decoder 8x8, stride 2, 16 latents",
  source: "ECON-T autoencoder: Di Guglielmo et al. 2021, doi:10.1109/TNS.2021.3087100",
  network: DECODER_STRIDE,
  itemName: "module",
  drawRow: drawLatents(16),
});
