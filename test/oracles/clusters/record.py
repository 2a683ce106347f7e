"""Records what scikit-learn, SciPy and NumPy make of the point clouds of clouds.ts.

Run from this folder: python3 record.py > expected.json. The clouds are made of whole numbers and powers of two, so both sides
have the same float32 coordinates and weights; several are full of equal distances.
"""

import json

import numpy as np
import scipy
import sklearn
from scipy.ndimage import convolve
from scipy.spatial import cKDTree
from sklearn.cluster import DBSCAN

CLOUDS = [
    {"name": "clumps", "points": 600, "pitch": 4096, "spread": 64},
    {"name": "lattice", "points": 300, "pitch": 64, "spread": 1},
    {"name": "heaps", "points": 120, "pitch": 16, "spread": 1},
]
MASK = 2**31 - 1


def draw(i, k):
    """A hash of two whole numbers to 0..2^31-1, all products below 2^53."""
    x = (i * 7919 + k * 104729 + 12345) & MASK
    for _ in range(3):
        x = ((x ^ (x >> 13)) * 40503) & MASK
        x = (x ^ (x >> 7)) & MASK
    return x


def cloud(spec):
    points = []
    for i in range(spec["points"]):
        clump = draw(i, 0) % 12
        for axis in (1, 2):
            middle = draw(clump, 10 + axis) % spec["pitch"]
            points.append((middle + draw(i, axis) % (2 * spec["spread"] + 1) - spec["spread"]) / spec["pitch"] - 0.5)
    weights = [(draw(i, 5) % 64) / 8 for i in range(spec["points"])]
    part = [draw(i, 6) % 2 for i in range(spec["points"])]
    return np.array(points).reshape(-1, 2), np.array(weights), np.array(part)


def dbscan(spec, points, steps, least):
    radius = steps / spec["pitch"]
    fitted = DBSCAN(eps=radius, min_samples=least, algorithm="kd_tree").fit(points)
    core = np.zeros(len(points), int)
    core[fitted.core_sample_indices_] = 1
    return {"radius": radius, "least": least, "labels": fitted.labels_.tolist(), "core": core.tolist()}


def nearest(spec, points, steps):
    """Every seventh point moved by a third of a step is a seed; the tree's ties are broken by the lowest number."""
    radius = steps / spec["pitch"]
    seeds = np.float32(points[::7] + 1 / (3 * spec["pitch"])).astype(float)
    tree = cKDTree(seeds)
    distance, _ = tree.query(points, distance_upper_bound=radius)
    chosen = []
    for point, d in zip(points, distance):
        if not np.isfinite(d):
            chosen.append(-1)
            continue
        squares = ((seeds - point) ** 2).sum(axis=1)
        chosen.append(int(np.argmin(squares)))
    return {"radius": radius, "seed": chosen, "distance": [float(d) if np.isfinite(d) else None for d in distance]}


def histogram(points, weights, part, size):
    def content(which):
        chosen = part == which
        edges = np.linspace(-0.6, 0.6, size + 1)
        return np.histogram2d(points[chosen, 0], points[chosen, 1], bins=[edges, edges], weights=weights[chosen])[0]

    em = np.ones((3, 3))
    em[1, 1] = 1.1
    had = np.ones((5, 5))
    had[2, 2] = 2
    smoothed = convolve(content(0), em / 9.1, mode="constant") + convolve(content(1), had / 26, mode="constant")
    around = np.pad(smoothed, 1)
    n = size + 1

    def shifted(di, dj):
        return around[1 + di : n + di, 1 + dj : n + dj]

    maxima = smoothed > 0.75
    for step in ((-1, 0), (0, 1), (-1, 1), (1, 1)):
        maxima &= smoothed >= shifted(*step) - 1e-9
    for step in ((1, 0), (0, -1), (-1, -1), (1, -1)):
        maxima &= smoothed > shifted(*step) + 1e-9
    bins = np.flatnonzero(maxima)
    return {"size": size, "threshold": 0.75, "bins": bins.tolist(), "content": smoothed.ravel()[bins].tolist(), "sum": float(smoothed.sum())}


def record(spec):
    points, weights, part = cloud(spec)
    return {
        **spec,
        "dbscan": [dbscan(spec, points, s, l) for s, l in ((spec["spread"], 4), (2 * spec["spread"], 9), (spec["spread"], 1))],
        "nearest": [nearest(spec, points, s) for s in (spec["spread"], 3 * spec["spread"])],
        "seeding": [histogram(points, weights, part, size) for size in (31, 96)],
    }


versions = {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__}
print(json.dumps({**versions, "clouds": [record(spec) for spec in CLOUDS]}))
