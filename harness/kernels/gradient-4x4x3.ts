/** Declaration of the training pass of the 4x4x3 autoencoder: outputs, and gradients of its parameters. */
import { defineKernel } from "../core/kernel.js";
import { AUTOENCODER_443 } from "../models/catalogue.js";
import { gradientKernel } from "../models/gradientkernel.js";
import { plan } from "../models/network.js";
import { drawPicture4x4x3 } from "../models/networkrows.js";

export const kernel = defineKernel(
  gradientKernel({
    id: "gradient-4x4x3",
    title: "Training pass of the 4x4x3 autoencoder",
    source: "back-propagation: Rumelhart, Hinton, Williams 1986, doi:10.1038/323533a0",
    planned: plan(AUTOENCODER_443),
    drawRow: drawPicture4x4x3,
  }),
);
