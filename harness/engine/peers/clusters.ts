/**
 * scikit-learn, SciPy and NumPy as peers of the back end's clustering kernels, as their users call them.
 *
 * scikit-learn's DBSCAN is also shown beside CLUE on the same points: another algorithm, whose time says what clustering these
 * points costs in Python. All start from the float32 points that our kernels get; trees are built inside the timed call.
 */
import { kernelPeer, VERSIONS } from "./kernelpeer.js";
import type { PythonPeerDeclaration } from "./peer.js";

const SKLEARN = `${VERSIONS}
import sklearn
from sklearn.cluster import DBSCAN
versions["scikit-learn"] = sklearn.__version__
`;

/** `min_samples` is a dimension of our kernel: the smallest cluster is not among its buffers, so the headline's is written here. */
export const DBSCAN_LEAST = 8;

const DBSCAN = `${SKLEARN}
def fit(w):
    return DBSCAN(eps=w["radius"][0], min_samples=${DBSCAN_LEAST}).fit(w["points"]).labels_

subjects = {"sklearn-dbscan": fit}
`;

const CLUE = `${SKLEARN}
def fit(w):
    return DBSCAN(eps=0.006, min_samples=${DBSCAN_LEAST}).fit(w["points"]).labels_

subjects = {"sklearn-dbscan-same-points": fit}
`;

const NEAREST_SEED = `${VERSIONS}
import scipy
from scipy.spatial import cKDTree
versions["scipy"] = scipy.__version__

def nearest(w):
    found = cKDTree(w["seeds"]).query(w["points"], distance_upper_bound=w["radius"].max())
    distance, seed = found
    return np.where(distance < w["radius"][w["layer"]], seed, -1)

subjects = {"scipy-ckdtree": nearest}
`;

/** Histograms by bincount, sums over windows by slices; the ties of our kernel; seeds' positions by bincount. */
const SEEDING = `${VERSIONS}
SIZE = 192
LIMIT = 512

def windows(h, reach):
    padded = np.pad(h, reach)
    rows = sum(padded[k : k + SIZE] for k in range(2 * reach + 1))
    return sum(rows[:, k : k + SIZE] for k in range(2 * reach + 1))

def seeding(w):
    half, threshold = w["parameters"]
    places = np.floor((w["points"] + half) / (2 * half / SIZE)).astype(np.int64)
    inside = ((places >= 0) & (places < SIZE)).all(axis=1)
    bins = places[inside, 0] * SIZE + places[inside, 1]
    weights = w["weights"][inside].astype(np.float64)
    had = w["part"][inside] != 0
    em = np.bincount(bins[~had], weights[~had], SIZE * SIZE).reshape(SIZE, SIZE)
    hadronic = np.bincount(bins[had], weights[had], SIZE * SIZE).reshape(SIZE, SIZE)
    smoothed = (windows(em, 1) + 0.1 * em) / 9.1 + (windows(hadronic, 2) + hadronic) / 26
    p = np.pad(smoothed, 1)
    at = lambda di, dj: p[1 + di : SIZE + 1 + di, 1 + dj : SIZE + 1 + dj]
    seeds = smoothed > threshold
    for di, dj in ((-1, 0), (0, 1), (-1, 1), (1, 1)):
        seeds &= smoothed >= at(di, dj)
    for di, dj in ((1, 0), (0, -1), (-1, -1), (1, -1)):
        seeds &= smoothed > at(di, dj)
    found = np.flatnonzero(seeds)
    content = np.bincount(bins, weights, SIZE * SIZE)[found]
    x = np.bincount(bins, weights * w["points"][inside, 0], SIZE * SIZE)[found]
    y = np.bincount(bins, weights * w["points"][inside, 1], SIZE * SIZE)[found]
    positions = np.stack([x, y]) / np.where(content > 0, content, 1)
    out = np.full(LIMIT, -1)
    out[: len(found)] = found
    return out

subjects = {"numpy-seeding": seeding}
`;

const SKLEARN_MODULES = ["numpy", "sklearn"];

export const clusterPeers: readonly PythonPeerDeclaration[] = [
  kernelPeer({
    id: "sklearn-dbscan",
    title: "scikit-learn DBSCAN",
    modules: SKLEARN_MODULES,
    kernel: "dbscan",
    body: DBSCAN,
    output: "labels",
  }),
  kernelPeer({
    id: "sklearn-dbscan-same-points",
    title: "scikit-learn DBSCAN on the same points (another algorithm)",
    modules: SKLEARN_MODULES,
    kernel: "clue",
    body: CLUE,
  }),
  kernelPeer({
    id: "scipy-ckdtree",
    title: "SciPy cKDTree, built and queried",
    modules: ["numpy", "scipy"],
    kernel: "nearest-seed",
    body: NEAREST_SEED,
    output: "seed",
  }),
  kernelPeer({
    id: "numpy-seeding",
    title: "NumPy histogram, smoothing and maxima",
    modules: ["numpy"],
    kernel: "seeding",
    body: SEEDING,
    output: "bin",
  }),
];
