import { describe, expect, it } from "vitest";
import { backends } from "../../harness/engine/plugins.generated.js";
import { kernel as emd } from "../../harness/kernels/emd.js";
import { rng } from "../../harness/core/rng.js";
import { backend as reference } from "../../harness/backends/reference.js";
import { backend as wasm } from "../../harness/backends/wasm.js";
import { backend as debug } from "../../harness/backends/wasm-debug.js";
import { backend as scalar } from "../../harness/backends/wasm-scalar.js";

const dims = { rows: 40, cells: 48, isMetric: 1 };
const inputs = emd.generate(dims, rng(5));

describe("backends", () => {
  it("are registered under their ids, and name only registered twins", () => {
    for (const [id, backend] of backends) {
      expect(backend.id).toBe(id);
      if (backend.identicalTo !== undefined) expect(backends.has(backend.identicalTo)).toBe(true);
    }
  });

  it.each([reference, wasm, scalar, debug])(
    "$id is here, describes itself and computes emd",
    async (backend) => {
      expect(await backend.missing()).toBeUndefined();
      expect(Object.keys(await backend.describe()).length).toBeGreaterThan(0);
      const session = await backend.open({ validation: true });
      try {
        const outputs = await session.call(emd, inputs, dims);
        const { ratio } = emd.agrees(outputs, emd.reference(inputs, dims), inputs, dims);
        expect(ratio).toBeLessThanOrEqual(1);
      } finally {
        await session.close();
      }
    },
  );

  it("wasm and wasm-debug are different builds", async () => {
    expect((await wasm.describe()).sha256).not.toBe((await debug.describe()).sha256);
    expect((await scalar.describe()).simd).toBe("off");
    expect((await wasm.describe()).simd).toBe("true");
  });

  it("a closed session refuses calls", async () => {
    const session = await wasm.open();
    await session.close();
    await expect(async () => session.call(emd, inputs, dims)).rejects.toThrow(/pool is closed/);
  });
});
