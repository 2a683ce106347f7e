/** Inference of an autoencoder with three convolutions on either side. */
import { AUTOENCODER_DEEP } from "../models/catalogue.js";
import { networkKernel } from "../models/networkkernel.js";
import { drawPicture4x4x3 } from "../models/networkrows.js";

export const kernel = networkKernel({
  id: "autoencoder-deep",
  title: "Autoencoder 4x4x3, filters 8-4-2, 16 latents",
  source: "fastml-science sensor-data-compression, martinModels.py (Sep1_CNN variants of 2020)",
  network: AUTOENCODER_DEEP,
  itemName: "module",
  drawRow: drawPicture4x4x3,
});
