/** ml-pca and ml-kmeans as peers: they compute what the kernels' references compute. */
import { describe, expect, it } from "vitest";
import { openModulePeer } from "../../harness/engine/benchmodulepeer.js";
import { mlKmeans, mlPca } from "../../harness/engine/peers/mlpackages.js";
import { kernel as kmeans } from "../../harness/kernels/k-means.js";
import { kernel as pca } from "../../harness/kernels/pca-f64.js";
import { rng } from "../../harness/core/rng.js";

describe("npm packages as peers", () => {
  it("ml-pca gives the eigenvalues of the reference", async () => {
    const dims = { rows: 200, columns: 6 };
    const inputs = pca.generate(dims, rng(1));
    const opened = await openModulePeer({ ...mlPca, exact: true }, { kernel: pca, dims, inputs: [inputs] });
    if ("notAvailable" in opened || opened.side.kind !== "sync") throw new Error("ml-pca is not installed");
    opened.side.run(0);
    const expected = pca.reference(inputs, dims).values;
    const got = opened.outputs?.[0]?.values;
    expect(got).toHaveLength(6);
    for (let k = 0; k < 6; k++)
      expect(Math.abs((got?.[k] ?? NaN) - expected[k])).toBeLessThan(1e-9 * expected[0]);
    expect(opened.versions["ml-pca"]).toMatch(/^\d/);
  });

  it("ml-kmeans gives the labels of the reference when both settle", async () => {
    const dims = { points: 60, dims: 2, clusters: 3, limit: 100 };
    const data = Float64Array.from({ length: 120 }, (_, at) => 50 * (at % 3) + rng(2, at).normal());
    const inputs = { data, start: data.slice(0, 6) };
    const windows = { kernel: kmeans, dims, inputs: [inputs] };
    const opened = await openModulePeer({ ...mlKmeans, exact: true }, windows);
    if ("notAvailable" in opened || opened.side.kind !== "sync")
      throw new Error("ml-kmeans is not installed");
    opened.side.run(0);
    expect([...(opened.outputs?.[0]?.labels ?? [])]).toEqual([...kmeans.reference(inputs, dims).labels]);
    expect(opened.versions["ml-kmeans"]).toMatch(/^\d/);
  });
});
