/**
 * PyTorch as a peer of a training step: the autoencoder with stride, float32, AdamW, one thread (OpenBLAS held to one too).
 *
 * Parameters and moments stay with PyTorch from call to call. Its step goes on from the last one, so it is not compared with ours
 * here: gradients and losses are, in float64, in test/oracles/training.
 */
import type { PythonPeerDeclaration } from "./peer.js";

const TRAINING_STEP = `
import platform
import torch
import torch.nn.functional as F
torch.set_num_threads(1)
versions = {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__}

SHAPES = [[3, 3, 1, 8], [8], [128, 16], [16], [16, 128], [128], [3, 3, 8, 8], [8], [3, 3, 1, 8], [1]]
state = {}

def start(w):
    leaves, at = [], 0
    for shape in SHAPES:
        size = int(np.prod(shape))
        values = torch.from_numpy(w["parameters"][at : at + size].reshape(shape).copy())
        if len(shape) == 4:
            values = values.permute(3, 2, 0, 1).contiguous()
        leaves.append(values.requires_grad_(True))
        at += size
    rate, beta1, beta2, epsilon, decay = (float(x) for x in w["settings"][:5])
    adam = torch.optim.AdamW(leaves, lr=rate, betas=(beta1, beta2), eps=epsilon, weight_decay=decay)
    state["leaves"], state["adam"] = leaves, adam

def outputs(x):
    w = state["leaves"]
    h = F.relu(F.conv2d(F.pad(x, (0, 1, 0, 1)), w[0], w[1], stride=2)).permute(0, 2, 3, 1).reshape(-1, 128)
    z = F.relu(torch.addmm(w[3], h, w[2]))
    h = F.relu(torch.addmm(w[5], z, w[4])).reshape(-1, 4, 4, 8).permute(0, 3, 1, 2)
    h = F.relu(F.conv_transpose2d(h, w[6], w[7], stride=2)[:, :, :8, :8])
    return torch.sigmoid(F.conv_transpose2d(h, w[8], w[9], padding=1)).reshape(-1, 64)

def step(w):
    if not state:
        start(w)
    x = torch.from_numpy(w["input"]).reshape(-1, 1, 8, 8)
    t = torch.from_numpy(w["target"]).reshape(-1, 64)
    state["adam"].zero_grad(set_to_none=True)
    loss = F.mse_loss(outputs(x), t)
    loss.backward()
    state["adam"].step()
    return np.array([loss.item()])

subjects = {"torch-training": step}
`;

export const torchTraining: PythonPeerDeclaration = {
  id: "torch-training",
  title: "PyTorch training, one thread",
  modules: ["numpy", "torch"],
  bodies: { "training-step": TRAINING_STEP },
  subject: "torch-training",
  output: { "training-step": "loss" },
  exact: false,
};
