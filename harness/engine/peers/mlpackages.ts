/**
 * ml-pca and ml-kmeans, the npm packages that JavaScript users reach for, as peers of our principal components and k-means.
 *
 * They take rows as arrays of numbers, which are made inside the timed call as a user of typed arrays has to.
 */
import type { Buffers } from "../../core/kernel.js";
import type { ModulePeerDeclaration, ModuleSubject } from "./peer.js";

interface MlPca {
  readonly PCA: new (
    rows: number[][],
    options: { readonly method: "covarianceMatrix" },
  ) => { getEigenvalues(): number[] };
}

interface MlKmeans {
  readonly kmeans: (
    rows: number[][],
    clusters: number,
    options: { readonly initialization: number[][]; readonly maxIterations: number },
  ) => { readonly clusters: readonly number[] };
}

function rowsOf(values: Buffers[string], columns: number): number[][] {
  return Array.from({ length: values.length / columns }, (_, i) =>
    Array.from(values.subarray(i * columns, (i + 1) * columns)),
  );
}

function pca(module: unknown): ModuleSubject {
  const { PCA } = module as MlPca;
  return ({ data }, { columns }) => {
    const fitted = new PCA(rowsOf(data, columns), { method: "covarianceMatrix" });
    return { values: Float64Array.from(fitted.getEigenvalues()) };
  };
}

export const mlPca: ModulePeerDeclaration = {
  id: "ml-pca",
  title: "ml-pca, covariance matrix, JavaScript",
  package: "ml-pca",
  subjects: { "pca-f32": pca, "pca-f64": pca },
  // On float32 tables it works in float64 and is the more accurate side.
  exact: false,
};

export const mlKmeans: ModulePeerDeclaration = {
  id: "ml-kmeans",
  title: "ml-kmeans, same starts, JavaScript",
  package: "ml-kmeans",
  subjects: {
    "k-means": (module) => {
      const { kmeans } = module as MlKmeans;
      return ({ data, start }, { dims, clusters, limit }) => {
        const found = kmeans(rowsOf(data, dims), clusters, {
          initialization: rowsOf(start, dims),
          maxIterations: limit,
        });
        return { labels: Int32Array.from(found.clusters) };
      };
    },
  },
  // It stops at a tolerance of its own, so that labels may be those of fewer iterations.
  exact: false,
};
