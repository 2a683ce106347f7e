"""Records what NumPy (two-pass covariance, eigh) and scikit-learn (PCA, full SVD) make of the tables of tables.ts.

Run from this folder: python3 record.py > expected.json. Vectors carry the sign that the kernels give: the first of the
largest elements (to one part in 2^20) is positive.
"""

import json

import numpy as np
import sklearn
from sklearn.decomposition import PCA

SPECS = [
    {"name": "wide", "rows": 400, "columns": 24, "offset": 0},
    {"name": "far", "rows": 300, "columns": 9, "offset": 40000},
    {"name": "modules", "rows": 200, "columns": 48, "offset": 0},
    {"name": "few rows", "rows": 5, "columns": 8, "offset": 0},
]


def table(spec):
    i = np.arange(spec["rows"], dtype=np.int64)[:, None]
    j = np.arange(spec["columns"], dtype=np.int64)[None, :]
    mixed = (7919 * i + 104729 * j + 31 * i * i + 17 * i * j + 3 * j * j * j) % 1009
    return mixed / 64 + np.where(j % 2 == 1, 2 * ((i * j) % 7), 0) + spec["offset"]


def signed(vectors):
    for v in vectors:
        size = np.abs(v)
        first = np.argmax(size >= size.max() * (1 - 2.0**-20))
        if v[first] < 0:
            v *= -1
    return vectors


def record(spec):
    x = table(spec)
    mean = x.mean(axis=0)
    centred = x - mean
    covariance = centred.T @ centred / (len(x) - 1)
    values, vectors = np.linalg.eigh(covariance)
    vectors = signed(vectors.T[::-1].copy())
    fitted = PCA(svd_solver="full").fit(x)
    return {
        **spec,
        "mean": mean.tolist(),
        "values": values[::-1].tolist(),
        "vectors": vectors[:3].tolist(),
        "scikit": fitted.explained_variance_.tolist(),
        "scores": (centred[:2] @ vectors[:3].T).tolist(),
    }


print(
    json.dumps(
        {"numpy": np.__version__, "scikit-learn": sklearn.__version__, "tables": [record(s) for s in SPECS]}
    )
)
