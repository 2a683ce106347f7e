#!/usr/bin/env python3
"""Records what POT (Python Optimal Transport) says about thousands of transport problems.

Run as `python3 record.py` in this folder; it rewrites manifest.json, modules.counts.bin.gz and *.expected.bin. The same seeds
give the same inputs. Every input is made of whole numbers and exact operations only (products below 2^53, correctly
rounded square roots), so that the tests rebuild the very same float64 masses and costs, and so that both sides of every
problem have exactly the same sum: POT is never asked a question that rounding has spoilt.

Sections
  modules   pairs of 48-cell modules, stored as whole counts (u32) because their recipes need exp and normal deviates
  general   n x m problems, n, m <= 64, derived from a hash of (seed, problem, index): see `draw`
  events    a grid of pairs of particle events: equal or unequal sums, dimensions, radii, exponents, sizes
"""
import gzip
import hashlib
import json
import math
import platform
import warnings
from pathlib import Path

import numpy as np
import ot
import scipy

HERE = Path(__file__).parent
CELLS = 48
PITCH = 0.5 * 2.4168015  # cm: one unit of distance, the pitch of a sensor cell
MOST_COUNTS = 4194303  # a 22-bit charge

# Positions of the 48 trigger cells in cm (x, y), training order: fastml-science sensor-data-compression, utils/metrics.py.
XY_CM = np.array(
    """
    0.0 0.0 0.0 -2.4168015 0.0 -4.833603 0.0 -7.2504044 2.09301 -1.2083969 2.09301 -3.6251984 2.09301 -6.042
    2.09301 -8.458794 4.18602 -2.4168015 4.18602 -4.833603 4.18602 -7.2504044 4.18602 -9.667198 6.27903 -3.6251984
    6.27903 -6.042 6.27903 -8.458794 6.27903 -10.875603 -8.37204 -10.271393 -6.27903 -9.063004 -4.18602 -7.854599
    -2.0930138 -6.6461945 -8.37204 -7.854599 -6.27903 -6.6461945 -4.18602 -5.4377975 -2.0930138 -4.229393
    -8.37204 -5.4377975 -6.27903 -4.229393 -4.18602 -3.020996 -2.0930138 -1.8125992 -8.37204 -3.020996
    -6.27903 -1.8125992 -4.18602 -0.6042023 -2.0930138 0.6042023 4.7092705 -12.386101 2.6162605 -11.177696
    0.5232506 -9.969299 -1.5697594 -8.760895 2.6162605 -13.594498 0.5232506 -12.386101 -1.5697594 -11.177696
    -3.6627693 -9.969299 0.5232506 -14.802895 -1.5697594 -13.594498 -3.6627693 -12.386101 -5.7557793 -11.177696
    -1.5697594 -16.0113 -3.6627693 -14.802895 -5.7557793 -13.594498 -7.848793 -12.386101
    """.split(),
    dtype=np.float64,
).reshape(CELLS, 2)
XY = XY_CM / PITCH
DX = XY[:, None, 0] - XY[None, :, 0]
DY = XY[:, None, 1] - XY[None, :, 1]
METRIC = np.sqrt(DX * DX + DY * DY)
IN_PITCHES = METRIC / 2  # trigger-cell pitches, the unit of the recipes
GROUPS = np.array([[16 * block + 8 * (q // 2) + 2 * (q % 2) + k for k in (0, 1, 4, 5)] for block in range(3) for q in range(4)])

MODULE_SETS = [  # name, pairs
    ("sparse", 1500),
    ("mid", 1500),
    ("mix", 1500),
    ("dense", 1200),
    ("ones", 400),
    ("ties", 400),
    ("single", 200),
    ("one-cell", 200),
    ("disjoint", 200),
    ("huge", 300),
    ("uniform", 100),
    ("identical", 50),
    ("proportional", 150),
]
GENERAL_KINDS = ["points", "arbitrary", "ties", "line"]
GENERAL_PROBLEMS = 1600
EVENT_GRID = {
    "sums": ["equal", "unequal"],
    "dimensions": [2, 3],
    "radii": [30, 70, 150, 400, 700, 1000, 2000],
    "exponents": [0.5, 1, 1.5, 2, 4],
    "sizes": [2, 4, 8, 16, 32],
    "events": 5,
}
SEEDS = {"modules": 20240601, "general": 71, "events": 72}


# --- modules ---------------------------------------------------------------------------------------------------------


def counts(masses, total):
    """Whole counts of about `total` in sum; masses too small for one count vanish, as in a real trigger cell."""
    return np.minimum(np.rint(masses * (total / masses.sum())), MOST_COUNTS).astype(np.int64)


def from_centre(rs):
    centre = XY[rs.integers(CELLS)] / 2 + rs.normal(0, 0.3, 2)
    return np.sqrt(((XY / 2 - centre) ** 2).sum(1))


def averaged(masses):
    out = np.zeros(CELLS)
    for group in GROUPS:
        out[group] = masses[group].mean()
    return out


def smeared(rs, masses, sigma):
    return masses * np.maximum(0.01, 1 + rs.normal(0, sigma, CELLS))


def cluster(rs, row, low, high):
    d = from_centre(rs)
    chosen = np.argsort(d + rs.exponential(0.6, CELLS), kind="stable")[: rs.integers(low, high + 1)]
    a = np.zeros(CELLS)
    a[chosen] = np.exp(-d[chosen] / 0.7) * rs.lognormal(0, 0.6, len(chosen)) + 0.01
    if row % 3 == 0:
        b = np.where(a > np.quantile(a[chosen], 0.4), a, 0)
    elif row % 3 == 1:
        b = smeared(rs, a, 0.2)
    else:
        b = averaged(a)
    return a, b


def mix(rs, row):
    a = np.zeros(CELLS)
    for _ in range(2 if rs.random() < 0.3 else 1):
        profile = np.exp(-from_centre(rs) / rs.uniform(0.35, 1.0))
        a += rs.lognormal(3, 1) * profile / profile.sum() * rs.lognormal(0, 0.5, CELLS)
    a += np.where(rs.random(CELLS) < rs.uniform(0.05, 0.3), rs.exponential(0.4, CELLS), 0)
    a = np.rint(np.where(a < 0.15, 0, a) * 64) / 64
    if row % 5 == 0:
        b = np.where(a < rs.uniform(0.5, 1.5), 0, a)
    elif row % 5 == 1:
        b = smeared(rs, a, 0.25)
    elif row % 5 == 2:
        b = averaged(a)
    elif row % 5 == 3:
        b = np.zeros(CELLS)
        best = np.argsort(-a, kind="stable")[: rs.integers(3, 9)]
        b[best] = a[best]
    else:
        blur = np.exp(-(IN_PITCHES**2) / (2 * 0.45**2))
        b = smeared(rs, (a[:, None] * blur / blur.sum(1, keepdims=True)).sum(0), 0.2)
        b = np.where(b < 0.02 * b.max(), 0, b)
    return a, b


def subset(rs, size):
    return rs.permutation(CELLS)[:size]


def some(rs, size, high):
    out = np.zeros(CELLS, dtype=np.int64)
    out[subset(rs, size)] = rs.integers(1, high + 1, size)
    return out


def edge(rs, name, row):
    a = np.zeros(CELLS, dtype=np.int64)
    b = np.zeros(CELLS, dtype=np.int64)
    if name == "ones":  # equal masses; on even rows as many cells on both sides
        k = rs.integers(1, CELLS + 1)
        a[subset(rs, k)] = 1
        b[subset(rs, k if row % 2 == 0 else rs.integers(1, CELLS + 1))] = 1
    elif name == "ties":  # charges 0..3
        a = rs.integers(0, 4, CELLS)
        b = rs.integers(0, 4, CELLS) if row % 2 == 0 else rs.permutation(a)
    elif name == "single":
        a[rs.integers(CELLS)] = rs.integers(1, 1000)
        b[rs.integers(CELLS)] = rs.integers(1, 1000)
    elif name == "one-cell":  # one side is one cell
        a = some(rs, rs.integers(1, CELLS + 1), 2000)
        b[rs.integers(CELLS)] = 7
        if row % 2 == 1:
            a, b = b, a
    elif name == "disjoint":
        cells = rs.permutation(CELLS)
        k = rs.integers(1, CELLS)
        a[cells[:k]] = rs.integers(1, 500, k)
        b[cells[k:]] = rs.integers(1, 500, CELLS - k)
    elif name == "huge":  # one count beside the largest charge
        a = some(rs, rs.integers(2, CELLS + 1), 3)
        b = some(rs, rs.integers(2, CELLS + 1), 3)
        a[rs.integers(CELLS)] = MOST_COUNTS
        b[rs.integers(CELLS)] = MOST_COUNTS if row % 2 == 0 else 1
    elif name == "uniform":
        a[:] = 1
        b = some(rs, rs.integers(1, CELLS + 1), 300)
    elif name == "identical":
        a = some(rs, rs.integers(1, CELLS + 1), 5000)
        b = a.copy()
    else:  # proportional, or one cell off by one count after that
        a = some(rs, rs.integers(2, CELLS + 1), 700)
        b = a * rs.integers(2, 40)
        if row % 2 == 1:
            b[rs.integers(CELLS)] += 1
    return a, b


def module_pair(rs, name, row):
    if name in ("sparse", "mid"):
        a, b = cluster(rs, row, 5, 12 if name == "sparse" else 30)
    elif name == "mix":
        a, b = mix(rs, row)
    elif name == "dense":
        a, b = rs.exponential(1, CELLS), rs.exponential(1, CELLS)
    else:
        return edge(rs, name, row)
    if a.sum() == 0 or b.sum() == 0:
        return np.zeros(CELLS, dtype=np.int64), np.zeros(CELLS, dtype=np.int64)
    total = rs.integers(200, 20000)
    if name == "dense":  # no zero on either side
        return counts(a, 40 * total) + 1, counts(b, 40 * total) + 1
    return counts(a, total), counts(b, total)


def modules():
    pairs = []
    for index, (name, rows) in enumerate(MODULE_SETS):
        rs = np.random.Generator(np.random.PCG64([SEEDS["modules"], index]))
        for row in range(rows):
            a, b = module_pair(rs, name, row)
            while a.sum() == 0 or b.sum() == 0:
                a, b = module_pair(rs, name, row)
            pairs.append((a, b))
    return pairs


# --- problems derived from a hash ------------------------------------------------------------------------------------

WORD = 0xFFFFFFFF


def mixed(x):
    """32-bit finaliser: every input bit changes every output bit about half of the time."""
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & WORD
    x = ((x ^ (x >> 15)) * 0x846CA68B) & WORD
    return x ^ (x >> 16)


def draw(seed, problem, k):
    """The k-th 32-bit word of a problem."""
    return mixed((mixed((mixed(seed) + problem) & WORD) + k * 0x9E3779B9) & WORD)


class Words:
    def __init__(self, seed, problem):
        self.seed, self.problem, self.used = seed, problem, 0

    def below(self, n):
        self.used += 1
        return draw(self.seed, self.problem, self.used) % n


def balanced(p, q):
    """Two lists of whole masses brought to the same sum, exactly."""
    return [x * sum(q) for x in p], [y * sum(p) for y in q]


def general_problem(problem):
    words = Words(SEEDS["general"], problem)
    kind = GENERAL_KINDS[problem % len(GENERAL_KINDS)]
    largest = 64 if problem % 8 < 4 else 12
    n, m = 1 + words.below(largest), 1 + words.below(largest)
    levels = 4 if kind in ("ties", "line") else 1000
    p = [words.below(levels) for _ in range(n)]
    q = [words.below(levels) for _ in range(m)]
    p[0] += 1  # never empty
    q[0] += 1
    a, b = balanced(p, q)
    cost = np.empty((n, m))
    if kind in ("points", "line"):
        x = [words.below(1024) for _ in range(n)]
        y = [words.below(1024) if kind == "points" else 0 for _ in range(n)]
        s = [words.below(1024) for _ in range(m)]
        t = [words.below(1024) if kind == "points" else 0 for _ in range(m)]
        for i in range(n):
            for j in range(m):
                cost[i, j] = math.sqrt((x[i] - s[j]) ** 2 + (y[i] - t[j]) ** 2)
    else:
        for i in range(n):
            for j in range(m):
                cost[i, j] = words.below(5) if kind == "ties" else words.below(1 << 32) / 2**32
    return a, b, cost


def raised(d, exponent):
    if exponent == 0.5:
        return math.sqrt(d)
    if exponent == 1:
        return d
    if exponent == 1.5:
        return d * math.sqrt(d)
    return d * d if exponent == 2 else (d * d) * (d * d)


def event_problem(problem, sums, dimensions, radius, exponent, size):
    """Two events of about `size` particles; unequal sums get a particle of the difference at cost 1 from all others."""
    words = Words(SEEDS["events"], problem)
    n, m = size, max(1, size - words.below(3))
    p = [1 + words.below(500) for _ in range(n)]
    q = [1 + words.below(500) for _ in range(m)]
    at = [[words.below(1000) for _ in range(dimensions)] for _ in range(n)]
    to = [[words.below(1000) for _ in range(dimensions)] for _ in range(m)]
    cost = [
        [raised(math.sqrt(sum((x - y) ** 2 for x, y in zip(at[i], to[j]))) / radius, exponent) for j in range(m)]
        for i in range(n)
    ]
    if sums == "equal":
        a, b = balanced(p, q)
    else:
        a, b = p, q
        if sum(p) > sum(q):
            b = q + [sum(p) - sum(q)]
            cost = [row + [1.0] for row in cost]
        elif sum(p) < sum(q):
            a = p + [sum(q) - sum(p)]
            cost = cost + [[1.0] * m]
    return a, b, np.array(cost)


def event_problems():
    problem = 0
    for sums in EVENT_GRID["sums"]:
        for dimensions in EVENT_GRID["dimensions"]:
            for radius in EVENT_GRID["radii"]:
                for exponent in EVENT_GRID["exponents"]:
                    for size in EVENT_GRID["sizes"]:
                        for _ in range(EVENT_GRID["events"]):
                            yield event_problem(problem, sums, dimensions, radius, exponent, size)
                            problem += 1


# --- asking POT ------------------------------------------------------------------------------------------------------

self_check = {"plan": 0.0, "normalised": 0.0}


def ask(a, b, cost):
    """POT's cost per unit of mass. Whole masses of equal sum; also checks POT against itself in two other ways."""
    total = sum(a)
    assert total == sum(b) and 0 < total < 2**53
    a = np.array(a, dtype=np.float64)
    b = np.array(b, dtype=np.float64)
    value, log = ot.emd2(a, b, cost, log=True, return_matrix=True)
    assert log["result_code"] == 1 and log["warning"] is None, log["warning"]
    scale = max(value, 1e-3 * cost.max() * total)
    if scale > 0:
        used = np.nonzero(log["G"])
        plan = math.fsum(log["G"][used] * cost[used])
        self_check["plan"] = max(self_check["plan"], abs(plan - value) / scale)
        p, q = a / a.sum(), b / b.sum()
        again = ot.emd2(p, q * (p.sum() / q.sum()), cost) * total
        self_check["normalised"] = max(self_check["normalised"], abs(again - value) / scale)
    return value / total


def digest(data):
    return hashlib.sha256(data).hexdigest()


def write(name, data):
    (HERE / name).write_bytes(data)
    return {"file": name, "bytes": len(data), "sha256": digest(data)}


def derived(name, problems):
    expected = []
    inputs = hashlib.sha256()
    for a, b, cost in problems:
        inputs.update(np.array(a, dtype="<f8").tobytes() + np.array(b, dtype="<f8").tobytes())
        inputs.update(cost.astype("<f8").tobytes())
        expected.append(ask(a, b, cost))
    return {
        "problems": len(expected),
        "inputsSha256": inputs.hexdigest(),
        "expected": write(f"{name}.expected.bin", np.array(expected, dtype="<f8").tobytes()),
    }


def main():
    warnings.simplefilter("error")
    pairs = modules()
    packed = np.array(pairs, dtype="<u4").tobytes()  # [pair, side, cell]
    expected = []
    for a, b in pairs:
        x, y = balanced([int(v) for v in a], [int(v) for v in b])
        expected.append(ask(x, y, METRIC))
    manifest = {
        "about": "Costs per unit of mass by POT ot.emd2; recipes and layout in record.py",
        "versions": {
            "pot": ot.__version__,
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "python": platform.python_version(),
        },
        "seeds": SEEDS,
        "modules": {
            "problems": len(pairs),
            "sets": [{"name": name, "pairs": rows} for name, rows in MODULE_SETS],
            "metricSha256": digest(METRIC.astype("<f8").tobytes()),
            "counts": {**write("modules.counts.bin.gz", gzip.compress(packed, 9, mtime=0)), "rawSha256": digest(packed)},
            "expected": write("modules.expected.bin", np.array(expected, dtype="<f8").tobytes()),
        },
        "general": {"kinds": GENERAL_KINDS, **derived("general", map(general_problem, range(GENERAL_PROBLEMS)))},
        "events": {"grid": EVENT_GRID, **derived("events", event_problems())},
    }
    manifest["total"] = sum(manifest[name]["problems"] for name in ("modules", "general", "events"))
    # The largest relative differences between POT's own answers (relative to at least 1e-3 of the dearest move).
    manifest["selfCheck"] = self_check
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    print(json.dumps({"versions": manifest["versions"], "total": manifest["total"], "selfCheck": self_check}))


if __name__ == "__main__":
    main()
