/** A step of Adam with decoupled weight decay on a jet network's parameters, batch normalisation among them. */
import { jetNetwork } from "../models/catalogue.js";
import { adamKernel } from "../models/trainingkernel.js";

export const kernel = adamKernel({
  id: "adam",
  title: "Adam with decoupled weight decay",
  source: "Kingma and Ba 2015, arXiv:1412.6980; Loshchilov and Hutter 2019, arXiv:1711.05101",
  network: jetNetwork("jets-50", [27, 50, 14, 50, 27], "leaky-relu", true),
});
