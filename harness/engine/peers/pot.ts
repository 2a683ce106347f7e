/**
 * POT (Python Optimal Transport, pythonot.github.io), the usual exact EMD in Python, as peers of our transport kernels.
 *
 * Three subjects: `ot.emd2` in a Python loop, as users write it; POT's compiled core `emd_c` in the same loop without the
 * checks around it, a stand-in for a native C++ network simplex; and a NumPy pass over the same bytes, which any vectorised
 * Python solution pays at least (it is no EMD).
 */
import type { PythonPeerDeclaration } from "./peer.js";

const VERSIONS = `
import platform
import ot
versions = {"python": platform.python_version(), "numpy": np.__version__, "pot": ot.__version__}

try:
    from ot.lp import emd_c
except ImportError:
    from ot.lp.emd_wrap import emd_c

LIMIT = 100000

def core(a, b, cost):
    # POT 0.8 takes the number of threads as a fifth argument, earlier versions do not.
    return emd_c(a, b, cost, LIMIT, 1)[1]
`;

const EMD = `${VERSIONS}
def emd2_loop(w):
    a, b, metric = w["original"], w["restored"], w["metric"]
    return np.array([ot.emd2(a[i], b[i], metric) for i in range(len(a))])

def core_loop(w):
    a, b, metric = w["original"], w["restored"], w["metric"]
    return np.array([core(a[i], b[i], metric) for i in range(len(a))])

def numpy_pass(w):
    return np.abs(w["original"] - w["restored"]).sum(axis=1)

subjects = {"pot-emd2": emd2_loop, "pot-core": core_loop, "numpy-pass": numpy_pass}
`;

const TRANSPORT = `${VERSIONS}
subjects = {
    "pot-emd2": lambda w: np.array([ot.emd2(w["supply"], w["demand"], w["cost"])]),
    "pot-core": lambda w: np.array([core(w["supply"], w["demand"], w["cost"])]),
    "numpy-pass": lambda w: np.array([w["cost"].min(axis=1) @ w["supply"]]),
}
`;

const MODULES = ["numpy", "ot"];

export const potPeers: readonly PythonPeerDeclaration[] = [
  { id: "pot-emd2", title: "POT ot.emd2, Python loop", subject: "pot-emd2", exact: true },
  { id: "pot-core", title: "POT compiled core emd_c, Python loop", subject: "pot-core", exact: true },
  { id: "numpy-pass", title: "NumPy pass over the inputs (floor)", subject: "numpy-pass", exact: false },
].map((peer) => ({
  ...peer,
  modules: MODULES,
  bodies: { emd: EMD, transport: TRANSPORT },
  output: { emd: "emd", transport: "total" },
}));
