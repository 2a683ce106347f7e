/** Inference of the chip's encoder in float32: 8x8 picture to sixteen latents. */
import { ENCODER_STRIDE } from "../models/catalogue.js";
import { networkKernel } from "../models/networkkernel.js";
import { drawPicture8x8 } from "../models/networkrows.js";

export const kernel = networkKernel({
  id: "encoder",
  title: "Encoder 8x8, stride 2, 16 latents",
  source: "ECON-T autoencoder: Di Guglielmo et al. 2021, doi:10.1109/TNS.2021.3087100",
  network: ENCODER_STRIDE,
  itemName: "module",
  drawRow: drawPicture8x8,
});
