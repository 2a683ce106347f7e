/** Declaration of the training pass of the 8x8 stride autoencoder: outputs, and gradients of its parameters. */
import { defineKernel } from "../core/kernel.js";
import { AUTOENCODER_STRIDE } from "../models/catalogue.js";
import { gradientKernel } from "../models/gradientkernel.js";
import { plan } from "../models/network.js";
import { drawPicture8x8 } from "../models/networkrows.js";

export const kernel = defineKernel(
  gradientKernel({
    id: "gradient",
    title: "Training pass of the 8x8 stride autoencoder",
    source: "back-propagation: Rumelhart, Hinton, Williams 1986, doi:10.1038/323533a0",
    planned: plan(AUTOENCODER_STRIDE),
    drawRow: drawPicture8x8,
  }),
);
