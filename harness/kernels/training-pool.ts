/** Gradients of the autoencoder 8x8 with pooling: the way back through pooling and upsampling. */
import { AUTOENCODER_POOL } from "../models/catalogue.js";
import { drawPicture8x8 } from "../models/networkrows.js";
import { gradientOfLossKernel } from "../models/trainingkernel.js";

export const kernel = gradientOfLossKernel({
  id: "training-pool",
  title: "Gradients of the autoencoder 8x8 with pooling",
  source:
    "ECON-T autoencoder: Di Guglielmo et al. 2021, doi:10.1109/TNS.2021.3087100; network: fastml-science sensor-data-compression",
  network: AUTOENCODER_POOL,
  itemName: "module",
  drawRow: drawPicture8x8,
  losses: ["telescope", "mse", "weighted-mse"],
  rows: 24,
});
