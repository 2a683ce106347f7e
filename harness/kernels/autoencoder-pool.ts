/** Inference of the autoencoder that pools and upsamples instead of striding. */
import { AUTOENCODER_POOL } from "../models/catalogue.js";
import { networkKernel } from "../models/networkkernel.js";
import { drawPicture8x8 } from "../models/networkrows.js";

export const kernel = networkKernel({
  id: "autoencoder-pool",
  title: "Autoencoder 8x8, max-pool, 16 latents",
  source: "ECON-T autoencoder: Di Guglielmo et al. 2021, doi:10.1109/TNS.2021.3087100",
  network: AUTOENCODER_POOL,
  itemName: "module",
  drawRow: drawPicture8x8,
});
