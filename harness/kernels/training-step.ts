/** A whole training step of the autoencoder with stride: forward, loss, back, Adam. */
import { AUTOENCODER_STRIDE } from "../models/catalogue.js";
import { drawPicture8x8 } from "../models/networkrows.js";
import { trainingStepKernel } from "../models/trainingkernel.js";

export const kernel = trainingStepKernel({
  id: "training-step",
  title: "Training step of the autoencoder 8x8, stride 2",
  source:
    "ECON-T autoencoder: Di Guglielmo et al. 2021, doi:10.1109/TNS.2021.3087100; Adam: Kingma and Ba 2015, arXiv:1412.6980",
  network: AUTOENCODER_STRIDE,
  itemName: "module",
  drawRow: drawPicture8x8,
  losses: ["mse", "telescope"],
  rows: 32,
});
