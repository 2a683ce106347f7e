"""Records what scikit-learn's KMeans (Lloyd, one start, tolerance 0) makes of points that points.ts makes too.

Run from this folder with the interpreter that has scikit-learn: python3 record.py > expected.json
"""

import json
import warnings

import numpy as np
import sklearn
from sklearn.cluster import KMeans

warnings.filterwarnings("ignore")
SPECS = [
    {"name": "plane", "points": 400, "dims": 2, "clusters": 12, "limit": 300},
    {"name": "stopped", "points": 400, "dims": 2, "clusters": 25, "limit": 4},
    {"name": "modules", "points": 250, "dims": 48, "clusters": 8, "limit": 300},
]


def points(spec):
    i = np.arange(spec["points"], dtype=np.int64)[:, None]
    j = np.arange(spec["dims"], dtype=np.int64)[None, :]
    mixed = (7919 * i + 104729 * j + 31 * i * i + 17 * i * j + 3 * j * j * j) % 1009
    return mixed / 64 + ((i % 5) * (j + 1)) * 3 + i * (j + 3) / 8192


def record(spec):
    x = points(spec)
    start = x[: spec["clusters"]]
    fitted = KMeans(
        spec["clusters"], init=start, n_init=1, max_iter=spec["limit"], tol=0, algorithm="lloyd"
    ).fit(x)
    return {
        **spec,
        "labels": fitted.labels_.tolist(),
        "centres": fitted.cluster_centers_.ravel().tolist(),
        "inertia": fitted.inertia_,
        "iterations": fitted.n_iter_,
    }


print(json.dumps({"scikit-learn": sklearn.__version__, "runs": [record(s) for s in SPECS]}))
