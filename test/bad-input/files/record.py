"""Records the small HDF5 files of this folder with h5py: sound ones and hostile ones. All numbers are made up here.

Run in this folder: python3 record.py   (recorded with h5py 3.7.0, HDF5 1.10.8)
"""
import h5py
import numpy as np

calq = ((np.arange(20 * 48).reshape(20, 48) * 37) % 101).astype("u2")


def made(name, **options):
    return h5py.File(name, "w", **options)


with made("sound.h5") as f:
    f["CALQ"] = calq
    f["layer"] = np.arange(20)
    f["remark"] = np.zeros(3)
with made("sound-packed.h5") as f:
    f.create_dataset("CALQ", data=calq, chunks=(8, 48), compression="gzip", shuffle=True, fletcher32=True)
with made("sound-columns.h5") as f:
    for i in range(48):
        f[f"CALQ_{i}"] = calq[:, i]
    f["eta"] = np.linspace(1.5, 3, 20)
with made("sound-big-endian.h5") as f:
    f["CALQ"] = calq.astype(">f4")
with made("sound-half.h5") as f:
    f["CALQ"] = calq.astype("f2")
with made("sound-soft-link.h5") as f:
    f["inner/data"] = calq
    f["CALQ"] = h5py.SoftLink("/inner/data")
with made("sound-user-block.h5", userblock_size=512) as f:
    f["CALQ"] = calq

# secret.bin and secret.h5 stand for files of the host that no reader may open
open("secret.bin", "wb").write(b"\x07" * (20 * 48 * 8))
with made("secret.h5") as f:
    f["CALQ"] = calq + 7
with made("external-link.h5") as f:
    f["CALQ"] = h5py.ExternalLink("secret.h5", "/CALQ")
with made("soft-link-to-external-link.h5") as f:
    f["other"] = h5py.ExternalLink("secret.h5", "/")
    f["CALQ"] = h5py.SoftLink("/other/CALQ")
with made("external-storage.h5") as f:
    f.create_dataset("CALQ", (2, 48), "f8", external=[("secret.bin", 0, 2 * 48 * 8)])
    f["ballast"] = np.zeros(200)
with made("external-storage-device.h5") as f:
    f.create_dataset("CALQ", (2, 48), "f8", external=[("/dev/urandom", 0, 2 * 48 * 8)])
    f["ballast"] = np.zeros(200)
with made("virtual.h5") as f:
    layout = h5py.VirtualLayout((20, 48), "u2")
    layout[:] = h5py.VirtualSource("secret.h5", "CALQ", (20, 48))
    f.create_virtual_dataset("CALQ", layout, fillvalue=1)
with made("link-loop.h5") as f:
    f["a"] = h5py.SoftLink("/b")
    f["b"] = h5py.SoftLink("/a")
    f["CALQ"] = h5py.SoftLink("/a")
with made("link-to-itself.h5") as f:
    f["CALQ"] = h5py.SoftLink("/CALQ")
with made("link-to-nothing.h5") as f:
    f["CALQ"] = h5py.SoftLink("/nowhere")
with made("group.h5") as f:
    f.create_group("CALQ")
    f["charges"] = calq[:2]
with made("data-type.h5") as f:
    f["CALQ"] = np.dtype("f8")
with made("missing.h5") as f:
    f["charges"] = calq[:2]
with made("text.h5") as f:
    f["CALQ"] = np.array(["a"] * 48, dtype="S3").reshape(1, 48)
with made("rank.h5") as f:
    f["CALQ"] = calq[:4].reshape(2, 2, 48)
with made("scalar.h5") as f:
    f["CALQ"] = 3.0
with made("transposed.h5") as f:
    f["CALQ"] = calq[:5].T.copy()
with made("huge.h5") as f:
    f.create_dataset("CALQ", (2**40, 48), "f8", chunks=(1024, 48))
with made("columns-uneven.h5") as f:
    for i in range(48):
        f[f"CALQ_{i}"] = calq[: (19 if i == 5 else 20), i]
with made("columns-47.h5") as f:
    for i in range(47):
        f[f"CALQ_{i}"] = calq[:, i]
