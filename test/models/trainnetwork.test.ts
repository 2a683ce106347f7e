/** What the training puts between encoder and decoder is what the codec sends. */
import { describe, expect, it } from "vitest";
import { latentBits } from "../../harness/chip/autoencoderpayload.js";
import { latentFormat } from "../../harness/codecs/aelatents.js";
import { rng } from "../../harness/core/rng.js";
import { forward } from "../../harness/models/forward.js";
import { plan } from "../../harness/models/network.js";
import { joinedNetwork, sentLatents, trainableModel } from "../../harness/models/trainnetwork.js";

describe("latents on the links", () => {
  it.each([
    [2, 3],
    [3, 5],
    [4, 7],
    [5, 9],
  ])("of %i links have %i bits, in training as in the codec", (links, bits) => {
    expect(latentBits(links)).toBe(bits);
    const source = rng(4, links);
    const latents = Float64Array.from({ length: 500 }, () => 1.5 * source.normal());
    const network = { id: "sent", input: [latents.length], layers: [sentLatents(links)], leak: 0 };
    const format = latentFormat("chip", bits, 1);
    expect(forward(plan(network), new Float64Array(0), latents, 1)).toEqual(
      latents.map((latent) => format.value(format.code(latent))),
    );
  });

  it("stand between encoder and decoder, or nothing does", () => {
    const model = trainableModel("autoencoder-8x8-pool");
    const { encoder, decoder } = model;
    expect(joinedNetwork(model, 3).layers).toEqual([...encoder.layers, sentLatents(3), ...decoder.layers]);
    expect(joinedNetwork(model, undefined).layers).toEqual([...encoder.layers, ...decoder.layers]);
  });
});
