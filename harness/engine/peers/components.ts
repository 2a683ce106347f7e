/**
 * NumPy and scikit-learn as peers of the principal component and k-means kernels, as their users call them, on one thread.
 *
 * On float32 tables they work in float32 throughout and cannot reach our tolerance: their outputs are compared on float64 only.
 */
import { kernelPeer, VERSIONS } from "./kernelpeer.js";
import type { PythonPeerDeclaration } from "./peer.js";

/** Centre, X'X, eigh: two passes over the rows and a copy of them. */
const NUMPY_PCA = `${VERSIONS}
def fit(w):
    x = w["data"]
    centred = x - x.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / (len(x) - 1))
    return values[::-1]

subjects = {"numpy-pca": fit}
`;

/** All eigenvalues and vectors; LAPACK gives them ascending. */
const NUMPY_EIGH = `${VERSIONS}
subjects = {"numpy-eigh": lambda w: np.linalg.eigh(w["matrix"])[0][::-1]}
`;

const SKLEARN = `${VERSIONS}
import warnings
import sklearn
warnings.filterwarnings("ignore")
versions["scikit-learn"] = sklearn.__version__
`;

const SKLEARN_PCA = `${SKLEARN}
from sklearn.decomposition import PCA
subjects = {"sklearn-pca": lambda w: PCA(svd_solver="full").fit(w["data"]).explained_variance_}
`;

/** Iterations that the timed input of our kernel is limited to; a dimension of the call is not among its buffers. */
export const KMEANS_LIMIT = 20;

const SKLEARN_KMEANS = `${SKLEARN}
from sklearn.cluster import KMeans
def fit(w):
    start = w["start"]
    model = KMeans(len(start), init=start, n_init=1, max_iter=${KMEANS_LIMIT}, tol=0, algorithm="lloyd")
    return np.array([model.fit(w["data"]).inertia_])

subjects = {"sklearn-kmeans": fit}
`;

function pcaPeer(
  precision: "f32" | "f64",
  peer: Pick<PythonPeerDeclaration, "id" | "title" | "modules" | "subject">,
  body: string,
): PythonPeerDeclaration {
  return {
    ...peer,
    id: `${peer.id}-${precision}`,
    bodies: { [`pca-${precision}`]: body },
    output: { [`pca-${precision}`]: "values" },
    exact: precision === "f64",
  };
}

const NUMPY = {
  id: "numpy-pca",
  title: "NumPy: centre, X'X, eigh",
  modules: ["numpy"],
  subject: "numpy-pca",
};
const SCIKIT = {
  id: "sklearn-pca",
  title: "scikit-learn PCA, full SVD",
  modules: ["numpy", "sklearn"],
  subject: "sklearn-pca",
};

export const componentPeers: readonly PythonPeerDeclaration[] = [
  pcaPeer("f32", NUMPY, NUMPY_PCA),
  pcaPeer("f64", NUMPY, NUMPY_PCA),
  pcaPeer("f32", SCIKIT, SKLEARN_PCA),
  pcaPeer("f64", SCIKIT, SKLEARN_PCA),
  kernelPeer({
    id: "numpy-eigh",
    title: "NumPy eigh (LAPACK syevd)",
    modules: ["numpy"],
    kernel: "eigen",
    body: NUMPY_EIGH,
    output: "values",
  }),
  kernelPeer({
    id: "sklearn-kmeans",
    title: "scikit-learn KMeans, same starts",
    modules: ["numpy", "sklearn"],
    kernel: "k-means",
    body: SKLEARN_KMEANS,
    output: "inertia",
  }),
];
