"""Writes metrics.json: the shape metrics of the studies on a few rows, by NumPy, from their definitions.

Run: python3 test/oracles/metrics.py > test/oracles/metrics.json
Needs: numpy. Rows are made by a formula that the test repeats.
"""
import json
import numpy as np

CM = 0.5 * 2.4168015
a, b = np.arange(16) % 4, np.arange(16) // 4
# The three lattices of trigger-cell centres; the test allows for their rounding (1e-5 cm).
blocks = [
    np.stack([2.09301 * b, -2.4168015 * a - 1.2083969 * b], 1),
    np.stack([-8.37204 + 2.09301 * a, -10.271393 + 1.208397 * a + 2.4168 * b], 1),
    np.stack([4.7092705 - 2.09301 * a - 2.09301 * b, -12.386101 + 1.2084 * a - 1.2084 * b], 1),
]
xy = np.concatenate(blocks) / CM
rows = 6
i = np.arange(48)
original = np.array([((i * 7 + r * 13) % 23) * ((i * 5 + r) % 3 != 0) * (r + 1) for r in range(rows)], float)
restored = np.array([np.where(original[r] > 6 * (r + 1), original[r] + (i % 4), 0) for r in range(rows)], float)


def unit(v):
    return v / v.sum()


def centre(v):
    return unit(v) @ xy


def published_rms(v):
    d = (xy - centre(v)) / xy.std(axis=0)
    return np.sqrt((unit(v) ** 2 * (d**2).sum(1)).sum())


def width(v):
    return np.sqrt((unit(v) * ((xy - centre(v)) ** 2).sum(1)).sum())


record = {
    "centroid-shift": [np.linalg.norm(centre(x) - centre(y)) for x, y in zip(original, restored)],
    "rms-difference": [abs(published_rms(x) - published_rms(y)) for x, y in zip(original, restored)],
    "second-moment-difference": [abs(width(x) - width(y)) for x, y in zip(original, restored)],
    "cross-correlation": [np.corrcoef(x, y)[0, 1] for x, y in zip(original, restored)],
    "ssd": [((x - y) ** 2).sum() / np.sqrt((x**2).sum() * (y**2).sum()) for x, y in zip(original, restored)],
    "sum-ratio": [y.sum() / x.sum() for x, y in zip(original, restored)],
}
print(json.dumps({k: [float(f"{x:.15g}") for x in v] for k, v in record.items()}, indent=1))
