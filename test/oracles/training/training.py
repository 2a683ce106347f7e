"""Records training.json: gradients, and losses over five steps of Adam, by PyTorch in float64.

Run: OPENBLAS_NUM_THREADS=1 python3 training.py > training.json
Parameters and data come from one formula on both sides, so they are not stored. Kernels are in Keras' layouts: convolutions
[height, width, in, out], transposed ones [height, width, out, in], dense layers [in, out].
"""
import json
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def values(count, salt, scale):
    """The same numbers as drawn() in test/oracles/training.test.ts, rounded to float32."""
    raw = [scale * (((i * 7919 + salt * 104729) % 10007) / 10007 - 0.5) for i in range(count)]
    return torch.tensor(raw, dtype=torch.float32).double()


def leaf(shape, salt, scale, shift=0.0):
    count = 1
    for edge in shape:
        count *= edge
    raw = (values(count, salt, scale) + shift).float().double()
    return raw.reshape(shape).clone().requires_grad_(True)


def conv(x, kernel, bias, stride):
    """TensorFlow's "same" for an even edge and a 3x3 kernel: one row before and after, or with stride 2 one after."""
    pad = (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1)
    return F.conv2d(F.pad(x, pad), kernel.permute(3, 2, 0, 1), bias, stride=stride)


def transposed(x, kernel, bias, stride):
    edge = x.shape[2] * stride
    y = F.conv_transpose2d(x, kernel.permute(3, 2, 0, 1), bias, stride=stride)
    first = 0 if stride == 2 else 1
    return y[:, :, first : first + edge, first : first + edge]


class Autoencoder:
    """8x8, eight filters with stride 2, sixteen latents, and back."""

    shapes = [[3, 3, 1, 8], [8], [128, 16], [16], [16, 128], [128], [3, 3, 8, 8], [8], [3, 3, 1, 8], [1]]
    moving = []

    def __init__(self):
        self.leaves = [leaf(shape, 1 + i, 0.4) for i, shape in enumerate(self.shapes)]
        self.decayed = self.leaves
        self.free = []

    def __call__(self, flat):
        w = self.leaves
        x = flat.reshape(-1, 8, 8, 1).permute(0, 3, 1, 2)
        h = F.relu(conv(x, w[0], w[1], 2)).permute(0, 2, 3, 1).reshape(-1, 128)
        z = F.relu(h @ w[2] + w[3])
        h = F.relu(z @ w[4] + w[5]).reshape(-1, 4, 4, 8).permute(0, 3, 1, 2)
        h = F.relu(transposed(h, w[6], w[7], 2))
        return torch.sigmoid(transposed(h, w[8], w[9], 1)).permute(0, 2, 3, 1).reshape(-1, 64)

    def parameters_in_order(self):
        return self.leaves


class Jets:
    """6-20-3-20-6, LeakyReLU and batch normalisation behind it, linear output."""

    widths = [6, 20, 3, 20, 6]

    def __init__(self):
        self.dense, self.norms = [], []
        for i, (inputs, units) in enumerate(zip(self.widths, self.widths[1:])):
            self.dense.append((leaf([inputs, units], 20 + 10 * i, 0.8), leaf([units], 21 + 10 * i, 0.4)))
            if i < len(self.widths) - 2:
                norm = (leaf([units], 22 + 10 * i, 0.5, 1.0), leaf([units], 23 + 10 * i, 0.5))
                self.norms.append((*norm, torch.zeros(units), torch.ones(units)))
        self.decayed = [one for pair in self.dense for one in pair]
        self.free = [one for norm in self.norms for one in norm[:2]]

    def __call__(self, x):
        for i, (kernel, bias) in enumerate(self.dense):
            x = x @ kernel + bias
            if i < len(self.norms):
                gamma, beta, mean, variance = self.norms[i]
                x = F.leaky_relu(x, 0.01)
                x = F.batch_norm(x, mean, variance, gamma, beta, training=True, momentum=0.1, eps=1e-5)
        return x

    def parameters_in_order(self):
        ordered = []
        for i, pair in enumerate(self.dense):
            ordered += list(pair)
            if i < len(self.norms):
                ordered += list(self.norms[i])
        return ordered


PIXELS = [
    4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31, 24, 25, 26, 27, 16, 17, 18, 19, 8, 9, 10, 11, 0, 1, 2, 3,
    59, 51, 43, 35, 58, 50, 42, 34, 57, 49, 41, 33, 56, 48, 40, 32,
]
TILES = [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]
RIGHT, DOWN, BOTH = [[4, 5, 8, 9], [6, 7, 10, 11]], [[1, 2, 5, 6], [9, 10, 13, 14]], [[5, 6, 9, 10]]
BETWEEN = [
    [0, 1, 27, 31], [1, 2, 23, 27], [2, 3, 19, 23], [3, 7, 34, 35], [7, 11, 33, 34], [11, 15, 32, 33], [16, 17, 47, 43],
    [17, 18, 43, 39], [18, 19, 39, 35],
]
TWELFTH, SIXTH = 1 / 12, 1 / 6


def telescope(target, output):
    """4 A + 2 B + C; the twelfths and sixths are not multiplied by 0.25, as in the published code."""
    t, p = target[:, PIXELS], output[:, PIXELS]
    groups, weights = [], []
    for inside, own in (
        (TILES, [0.375, 0.25 + TWELFTH, 0.5625, 0.375]),
        (RIGHT, [0.375, 0.25]),
        (DOWN, [0.25, 0.375]),
        (BOTH, [0.25]),
    ):
        for block in (0, 16, 32):
            groups += [[cell + block for cell in group] for group in inside]
            weights += own
    groups += BETWEEN
    weights += [0.375, 0.25, 0.25 + SIXTH, 0.25 + SIXTH, 0.25, 0.375, 0.375, 0.25, 0.25 + SIXTH]

    def term(a, b):
        return (a - b) ** 2 * torch.maximum(a, b)

    fours = term(t[:, groups].sum(-1), p[:, groups].sum(-1)) * torch.tensor(weights)
    sixteens = term(t.reshape(-1, 3, 16).sum(-1), p.reshape(-1, 3, 16).sum(-1))
    return (4 * term(t, p).mean(-1) + 2 * fours.mean(-1) + sixteens.mean(-1)).mean()


def weighted(target, output):
    return ((target - output) ** 2 * torch.maximum(target, output)).mean()


def wasserstein(target, output):
    return (torch.sort(target, -1)[0] - torch.sort(output, -1)[0]).abs().mean()


def mse(target, output):
    return ((target - output) ** 2).mean()


LOSSES = {"mse": mse, "weighted-mse": weighted, "telescope": telescope, "wasserstein-1": wasserstein}


def numbers(tensors):
    return [float("%.9g" % x) for tensor in tensors for x in tensor.reshape(-1).tolist()]


def record(make, rows, loss, keep_gradient):
    net = make()
    width = 64 if make is Autoencoder else 6
    scale = 0.2 if make is Autoencoder else 3.0
    x = values(rows * width, 90, scale).reshape(rows, width)
    x = x.abs() if make is Autoencoder else x
    groups = [{"params": net.decayed, "weight_decay": 0.01}]
    if net.free:
        groups.append({"params": net.free, "weight_decay": 0.0})
    optimiser = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.999), eps=1e-7)
    case = {"network": make.__name__, "loss": loss, "rows": rows, "losses": []}
    for step in range(5):
        optimiser.zero_grad()
        value = LOSSES[loss](x, net(x))
        value.backward()
        if step == 0 and keep_gradient:
            case["gradient"] = numbers(
                one.grad if one.requires_grad else torch.zeros_like(one) for one in net.parameters_in_order()
            )
        case["losses"].append(value.item())
        optimiser.step()
    if make is Jets:
        case["moving"] = numbers(one for norm in net.norms for one in norm[2:])
    return case


json.dump(
    {
        "torch": torch.__version__,
        "cases": [
            record(Autoencoder, 24, "telescope", True),
            record(Autoencoder, 24, "mse", True),
            record(Autoencoder, 24, "weighted-mse", False),
            record(Autoencoder, 24, "wasserstein-1", False),
            record(Jets, 50, "mse", True),
            record(Jets, 50, "wasserstein-1", True),
        ],
    },
    sys.stdout,
)
