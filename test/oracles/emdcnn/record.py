"""Records expected.json: a network's guess of the EMD as a loss, and its gradient in the decoded charges, by PyTorch in float64.

Run: OPENBLAS_NUM_THREADS=1 python3 record.py > expected.json
Batch normalisation stands where it was trained, with moving statistics; both orders of a pair count alike. Parameters and charges
come from the formula of test/oracles/training.test.ts, so they are not stored. Kernels are in Keras' layouts.
"""
import json
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
ROWS = 3
DEPTH, FILTERS, UNITS = 4, 32, 32


def values(count, salt, scale, shift=0.0):
    raw = [scale * (((i * 7919 + salt * 104729) % 10007) / 10007 - 0.5) for i in range(count)]
    return (torch.tensor(raw, dtype=torch.float32).double() + shift).float().double()


class Salted:
    """Tensors one after the other, each with the next salt."""

    def __init__(self):
        self.salt = 0

    def __call__(self, shape, scale, shift=0.0):
        self.salt += 1
        count = 1
        for edge in shape:
            count *= edge
        return values(count, self.salt, scale, shift).reshape(shape)

    def norm(self, channels):
        return [self([channels], 0.5, 1.0), self([channels], 0.3), self([channels], 0.3), self([channels], 0.8, 1.0)]


class EmdCnn:
    def __init__(self):
        draw = Salted()
        self.convolutions = []
        for i in range(DEPTH):
            channels = 6 if i == 0 else FILTERS
            self.convolutions.append((draw([5, 5, channels, FILTERS], 0.15), draw([FILTERS], 0.2), draw.norm(FILTERS)))
        self.dense = (draw([16 * FILTERS, UNITS], 0.15), draw([UNITS], 0.2), draw.norm(UNITS))
        self.last = (draw([UNITS, 1], 0.15), draw([1], 0.2))

    @staticmethod
    def normalise(x, norm):
        gamma, beta, mean, variance = norm
        return F.relu(F.batch_norm(x, mean, variance, gamma, beta, training=False, eps=1e-3))

    def __call__(self, first, second):
        """Shares [rows, 48] by cell: pixel p of channel c is cell 16 c + p."""
        x = torch.cat([first.reshape(-1, 3, 4, 4), second.reshape(-1, 3, 4, 4)], 1)
        for kernel, bias, norm in self.convolutions:
            x = self.normalise(F.conv2d(x, kernel.permute(3, 2, 0, 1), bias, padding=2), norm)
        kernel, bias, norm = self.dense
        x = self.normalise(x.permute(0, 2, 3, 1).reshape(-1, 16 * FILTERS) @ kernel + bias, norm)
        return (x @ self.last[0] + self.last[1])[:, 0]


target = torch.clamp(values(ROWS * 48, 90, 400.0), min=0.0).round().reshape(ROWS, 48)
decoded = (values(ROWS * 48, 91, 1.0, 0.6)).reshape(ROWS, 48).clone().requires_grad_(True)
weights = torch.tensor([1.0, 0.25, 3.0])
net = EmdCnn()
a = target / target.sum(1, keepdim=True)
q = decoded / decoded.sum(1, keepdim=True)
loss = (weights * (net(a, q) + net(q, a)) / 2).mean()
loss.backward()
json.dump(
    {
        "torch": torch.__version__,
        "loss": loss.item(),
        "gradient": [float("%.9g" % x) for x in decoded.grad.reshape(-1).tolist()],
    },
    sys.stdout,
)
