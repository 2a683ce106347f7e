/** What goes wrong while training: no number as loss, a disk that is full, another training's checkpoint. The last good one survives. */
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../harness/core/errors.js";
import { train } from "../../harness/engine/train.js";
import { fileStore } from "../../harness/engine/traincheckpoint.js";
import { prepareTraining } from "../../harness/engine/trainrun.js";
import { hostFileSystem, type FileSystem } from "../../harness/io/atomic.js";
import { refusal, temporaryFolder } from "../io/temporary.js";
import { releaseKernels as kernels } from "../wasm/releasekernels.js";
import { hostOf, LOOP, request } from "./trainfixtures.js";

const temporary = temporaryFolder();

/** Writes fail with ENOSPC from the `n`th file on. */
function fullAfter(n: number): FileSystem {
  let files = 0;
  return {
    ...hostFileSystem,
    open: async (path, flags) => {
      const file = await hostFileSystem.open(path, flags);
      if (flags !== "wx" || ++files < n) return file;
      return {
        write: () => Promise.reject(Object.assign(new Error("no space left on device"), { code: "ENOSPC" })),
        sync: () => file.sync(),
        close: () => file.close(),
      };
    },
  };
}

describe("a training that fails", () => {
  it("stops when the loss is no number, and keeps the last good checkpoint", async () => {
    const store = fileStore(temporary.path("diverged.wmt"));
    const { job } = prepareTraining(request({ store }));
    let batches = 0;
    const training = {
      rows: job.training.rows,
      batch: (rows: Int32Array) => {
        const batch = job.training.batch(rows);
        return ++batches < 8 ? batch : { ...batch, target: batch.target.fill(NaN) };
      },
    };
    const settings = { ...job.settings, loss: "mse" as const };
    const found = await refusal(() => train({ ...job, settings, training }, hostOf(kernels)));
    expect(found.message).toBe("training: epoch 2: diverged: expected a finite loss, got NaN");
    expect(found.exitCode).toBe(4);
    const kept = await store.load();
    expect(kept?.curve.map(({ epoch }) => epoch)).toEqual([0, 1]);
    expect(kept?.state.parameters.every(Number.isFinite)).toBe(true);
  });

  it("stops when the disk is full; the last checkpoint is whole, and going on from it ends with the same bits", async () => {
    const whole = await train(prepareTraining(request()).job, hostOf(kernels));
    const path = temporary.path("full.wmt");
    const store = fileStore(path, fullAfter(4));
    const found = await refusal(() => train(prepareTraining(request({ store })).job, hostOf(kernels)));
    expect(found.exitCode).toBe(6);
    expect(found.message).toContain("no space left");
    const kept = await fileStore(path).load();
    expect(kept?.curve.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith(".part"))).toEqual([]);
    const again = prepareTraining(request({ store: fileStore(path), resume: true }));
    expect(await train(again.job, hostOf(kernels))).toEqual(whole);
  });

  it("refuses the checkpoint of another training", async () => {
    const store = fileStore(temporary.path("other.wmt"));
    const loop = { ...LOOP, epochs: 1 };
    await train(prepareTraining(request({ store, loop })).job, hostOf(kernels));
    for (const other of [{ links: 4 }, { model: "autoencoder-8x8-pool" }, { loop: { ...loop, seed: 4 } }]) {
      const { job } = prepareTraining(request({ loop, ...other, store, resume: true }));
      const found = await refusal(() => train(job, hostOf(kernels)));
      expect(found.message).toMatch(/^checkpoint: of another training: expected/);
      expect(found).toBeInstanceOf(InputError);
    }
  });
});
