/** Gradients of the autoencoder with stride, under each loss that knows a module's picture. */
import { AUTOENCODER_STRIDE } from "../models/catalogue.js";
import { drawPicture8x8 } from "../models/networkrows.js";
import { gradientOfLossKernel } from "../models/trainingkernel.js";

export const kernel = gradientOfLossKernel({
  id: "training-autoencoder",
  title: "Gradients of the autoencoder 8x8, stride 2",
  source:
    "ECON-T autoencoder: Di Guglielmo et al. 2021, doi:10.1109/TNS.2021.3087100; losses: fastml-science sensor-data-compression",
  network: AUTOENCODER_STRIDE,
  itemName: "module",
  drawRow: drawPicture8x8,
  losses: ["telescope", "mse", "weighted-mse", "wasserstein-1"],
  rows: 37,
});
