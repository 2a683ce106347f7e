/** Gradients of the autoencoder 4x4x3: pictures of three channels, 48 outputs. */
import { AUTOENCODER_443 } from "../models/catalogue.js";
import { drawPicture4x4x3 } from "../models/networkrows.js";
import { gradientOfLossKernel } from "../models/trainingkernel.js";

export const kernel = gradientOfLossKernel({
  id: "training-4x4x3",
  title: "Gradients of the autoencoder 4x4x3",
  source:
    "ECON-T autoencoder: Di Guglielmo et al. 2021, doi:10.1109/TNS.2021.3087100; network: fastml-science sensor-data-compression",
  network: AUTOENCODER_443,
  itemName: "module",
  drawRow: drawPicture4x4x3,
  losses: ["telescope", "mse", "weighted-mse"],
  rows: 24,
});
