/** Inference of the autoencoder on three 4x4 pictures, as used in the CMSSW studies. */
import { AUTOENCODER_443 } from "../models/catalogue.js";
import { networkKernel } from "../models/networkkernel.js";
import { drawPicture4x4x3 } from "../models/networkrows.js";

export const kernel = networkKernel({
  id: "autoencoder-4x4x3",
  title: "Autoencoder 4x4x3, 16 latents",
  source: "ECON-T autoencoder: Di Guglielmo et al. 2021, doi:10.1109/TNS.2021.3087100",
  network: AUTOENCODER_443,
  itemName: "module",
  drawRow: drawPicture4x4x3,
});
