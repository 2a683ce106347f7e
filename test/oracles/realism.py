"""Writes realism.json: two-sample figures by SciPy and NumPy, and a boosted classifier's ROC area by scikit-learn.

Run: python3 test/oracles/realism.py > test/oracles/realism.json
Needs: numpy, scipy, scikit-learn. The samples are made by a small generator that the test repeats.
"""
import json
import numpy as np
from scipy.stats import ks_2samp, wasserstein_distance
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

state = 12345


def uniform():
    global state
    state = state * 16807 % 2147483647
    return state / 2147483647


first = np.array([uniform() ** 2 * 10 for _ in range(157)])
second = np.array([np.floor(uniform() * 12) for _ in range(211)])  # with ties
out = {
    "ks": ks_2samp(first, second).statistic,
    "emd": wasserstein_distance(first, second),
    "ksTies": ks_2samp(second[:100], second[100:]).statistic,
    "emdTies": wasserstein_distance(second[:100], second[100:]),
}

ROWS, FEATURES, FOLDS = 3000, 6, 5
x = np.array([[uniform() for _ in range(FEATURES)] for _ in range(ROWS)])
noise = np.array([uniform() for _ in range(ROWS)])
y = ((np.where(x[:, 0] > 0.5, x[:, 1], 1 - x[:, 1]) + 0.5 * x[:, 2] + noise) > 1.4).astype(int)
folds = np.arange(ROWS) % FOLDS
margins = np.zeros(ROWS)
for fold in range(FOLDS):
    inside = folds != fold
    weights = np.where(y == 1, 0.5 / y[inside].mean(), 0.5 / (1 - y[inside].mean()))
    model = HistGradientBoostingClassifier(
        max_iter=80, max_depth=3, learning_rate=0.15, min_samples_leaf=20, l2_regularization=1.0,
        max_bins=64, max_leaf_nodes=None, early_stopping=False,
    )
    model.fit(x[inside], y[inside], sample_weight=weights[inside])
    margins[~inside] = model.decision_function(x[~inside])
out["auc"] = roc_auc_score(y, margins)
out["positives"] = int(y.sum())

# Best-correlated cells: 400 rows of 48 charges, every cell a mixture of its own draw and its neighbour's in index.
CM = 0.5 * 2.4168015
a, b = np.arange(16) % 4, np.arange(16) // 4
blocks = [
    np.stack([2.09301 * b, -2.4168015 * a - 1.2083969 * b], 1),
    np.stack([-8.37204 + 2.09301 * a, -10.271393 + 1.208397 * a + 2.4168 * b], 1),
    np.stack([4.7092705 - 2.09301 * a - 2.09301 * b, -12.386101 + 1.2084 * a - 1.2084 * b], 1),
]
xy = np.concatenate(blocks) / CM
draws = np.array([[uniform() for _ in range(48)] for _ in range(400)])
calq = np.floor(100 * draws * np.roll(draws, 1, axis=1))
correlations = np.corrcoef(np.log1p(calq).T)
np.fill_diagonal(correlations, -9)
best = np.argsort(-correlations, axis=1, kind="stable")[:, :5]
distance = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(2))
out["neighbours"] = np.take_along_axis(distance, best, 1).mean()
print(json.dumps(out, indent=1))
