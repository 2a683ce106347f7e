/**
 * density-clustering, the npm package that JavaScript users reach for, as a peer of our DBSCAN. It looks at all pairs.
 *
 * It counts neighbours nearer than the radius, we those at most that far: alike where no distance equals the radius.
 */
import { NOISE } from "../../kernels/dbscan.js";
import type { ModulePeerDeclaration } from "./peer.js";

interface DensityClustering {
  readonly DBSCAN: new () => {
    run(
      dataset: readonly (readonly number[])[],
      radius: number,
      least: number,
    ): readonly (readonly number[])[];
  };
}

export const densityClustering: ModulePeerDeclaration = {
  id: "density-clustering",
  title: "density-clustering DBSCAN, JavaScript",
  package: "density-clustering",
  subjects: {
    dbscan: (module) => {
      const { DBSCAN } = module as DensityClustering;
      return ({ points, radius }, { n, least }) => {
        const dataset = Array.from({ length: n }, (_, i) => [points[2 * i], points[2 * i + 1]]);
        const labels = new Int32Array(n).fill(NOISE);
        new DBSCAN().run(dataset, radius[0], least).forEach((cluster, label) => {
          for (const point of cluster) labels[point] = label;
        });
        return { labels };
      };
    },
  },
  exact: true,
};
