import { describe, expect, it } from "vitest";
import type { Backend, BackendSession } from "../../harness/core/backend.js";
import { KernelError } from "../../harness/core/errors.js";
import { defineKernel, f64, type Buffers, type Dims, type Kernel } from "../../harness/core/kernel.js";
import type { AgreementResult } from "../../harness/core/results.js";
import { backend as reference } from "../../harness/backends/reference.js";
import { kernel as emd } from "../../harness/kernels/emd.js";
import { agree, type AgreeOptions } from "../../harness/engine/agree.js";

/** y = 2 x, with a tolerance of one part in 10^12 and a law on the sign. */
const double = defineKernel({
  id: "double",
  title: "Double",
  source: "test",
  symbol: "double",
  dims: ["n"],
  inputs: { x: f64("n", "1") },
  outputs: { y: f64("n", "1") },
  shapes: [{ n: 3 }, { n: 7 }],
  generate: ({ n }, random) => ({ x: Float64Array.from({ length: n }, () => random.uniform() + 1) }),
  work: ({ n }) => ({ items: n, itemName: "value", bytes: 16 * n }),
  reference: ({ x }) => ({ y: Float64Array.from(x, (value) => 2 * value) }),
  agrees: ({ y }, expected) => {
    let [worst, at] = [0, 0];
    y.forEach((value, i) => {
      const error = Math.abs(value / expected.y[i] - 1);
      if (!(error <= worst)) [worst, at] = [error, i];
    });
    return { ratio: worst / 1e-12, worst, measure: "relative", where: `y[${at}]` };
  },
  laws: [
    {
      id: "positive",
      says: "never negative",
      broken: (_, { y }) => (y.some((value) => value < 0) ? "a negative value" : undefined),
    },
  ],
  unavailable: { exotic: "cannot be expressed there" },
});

type Call = (inputs: Buffers, dims: Dims, poison: number) => Buffers | Promise<Buffers>;

function made(id: string, call: Call, more: Partial<Backend> = {}): Backend {
  return {
    id,
    title: id,
    missing: () => Promise.resolve(undefined),
    describe: () => Promise.resolve({}),
    open: (options): Promise<BackendSession> =>
      Promise.resolve({
        call: (_, inputs, dims) => call(inputs, dims, options?.poison ?? -1),
        close: () => undefined,
      }),
    ...more,
  };
}

const honest: Call = ({ x }) => ({ y: Float64Array.from(x, (value) => value + value) });

/** Outputs of the honest kernel with one value replaced when `when` says so. */
function spoilt(change: (y: Float64Array, dims: Dims, poison: number) => void): Call {
  return async (inputs, dims, poison) => {
    const { y } = await honest(inputs, dims, poison);
    change(y as Float64Array, dims, poison);
    return { y };
  };
}

async function rowsOf(backends: Backend[], more: Partial<AgreeOptions> = {}): Promise<AgreementResult[]> {
  const rows: AgreementResult[] = [];
  const options = { kernels: [double], backends, cases: 4, seed: 10, ...more };
  for await (const row of agree(options)) rows.push(row);
  return rows;
}

describe("agree", () => {
  it("gives one passing row per backend and shape, with equal hashes for equal outputs", async () => {
    const rows = await rowsOf([reference, made("a", honest), made("b", honest, { identicalTo: "a" })]);
    expect(rows.map(({ backend, shape, verdict, cases }) => [backend, shape, verdict, cases])).toEqual([
      ["reference", "n=3", "pass", 4],
      ["a", "n=3", "pass", 4],
      ["b", "n=3", "pass", 4],
      ["reference", "n=7", "pass", 4],
      ["a", "n=7", "pass", 4],
      ["b", "n=7", "pass", 4],
    ]);
    expect(rows[0].outputHash).toMatch(/^[0-9a-f]{64}$/);
    expect(rows[1].outputHash).toBe(rows[0].outputHash);
    expect(rows[3].outputHash).not.toBe(rows[0].outputHash);
    expect(rows[1]).toMatchObject({ ratio: 0, worst: 0, measure: "relative", where: "y[0]", reason: null });
  });

  it("visits only the first shape when asked for headlines", async () => {
    const rows = await rowsOf([reference], { headlineOnly: true });
    expect(rows.map(({ shape }) => shape)).toEqual(["n=3"]);
  });

  it("prepares cases on threads for kernels of the registry, and says so of others", async () => {
    const [row] = await rowsOf([reference], { threads: 2 });
    expect(row.reason).toBe("seed 10: the reference failed: kernel double is not registered");
    const options = { kernels: [emd], seed: 3, cases: 2, headlineOnly: true };
    const [threaded] = await rowsOf([reference], { ...options, threads: 2 });
    expect(threaded.verdict).toBe("pass");
    expect(threaded).toEqual((await rowsOf([reference], options))[0]);
  });

  it("is repeatable, and other seeds give other cases", async () => {
    const [first] = await rowsOf([reference]);
    expect((await rowsOf([reference]))[0]).toEqual(first);
    expect((await rowsOf([reference], { seed: 11 }))[0].outputHash).not.toBe(first.outputHash);
  });

  it("fails a row whose worst element is off by more than the tolerance, and names it and its seed", async () => {
    let calls = 0;
    const wrong = spoilt((y, { n }) => {
      // Two calls per case: the third case at n = 7 has seed 12.
      if (n === 7 && Math.floor(calls++ / 2) === 2) y[5] *= 1 + 1e-11;
    });
    const rows = await rowsOf([made("wrong", wrong)]);
    expect(rows[0].verdict).toBe("pass");
    expect(rows[1]).toMatchObject({ verdict: "fail", where: "y[5]", seed: 12, cases: 4 });
    expect(rows[1].ratio).toBeGreaterThan(9);
    expect(rows[1].reason).toMatch(/^seed 12: differs from the reference at y\[5\]: relative /);
  });

  it("does not fail what is off by less", async () => {
    const near = spoilt((y) => (y[1] *= 1 + 5e-13));
    const [row] = await rowsOf([made("near", near)]);
    expect(row.verdict).toBe("pass");
    expect(row.ratio).toBeGreaterThan(0.4);
  });

  it("fails NaN although NaN compares with nothing", async () => {
    const [row] = await rowsOf([
      made(
        "nan",
        spoilt((y) => (y[2] = NaN)),
      ),
    ]);
    expect(row).toMatchObject({ verdict: "fail", ratio: null, where: "y[2]" });
  });

  it("fails a broken law although the reference is met", async () => {
    const lawless: Kernel = {
      ...double,
      laws: [{ id: "no", says: "always broken", broken: () => "planted" }],
    };
    const [row] = await rowsOf([made("a", honest)], { kernels: [lawless] });
    expect(row.reason).toBe('seed 10: law "always broken" is broken: planted');
    const [judge] = await rowsOf([reference], { kernels: [lawless] });
    expect(judge.verdict).toBe("fail");
  });

  it("fails outputs that depend on what unset memory holds", async () => {
    const rows = await rowsOf([
      made(
        "unsteady",
        spoilt((y, _, poison) => (y[1] *= 1 + poison * 1e-16)),
      ),
    ]);
    expect(rows[0].reason).toMatch(/^seed 1\d: gives other bits when repeated, first at y\[1\]$/);
  });

  it("fails bits that differ from the backend they must equal, within the tolerance", async () => {
    const near = spoilt((y) => (y[1] *= 1 + 5e-13));
    const rows = await rowsOf([made("a", honest), made("b", near, { identicalTo: "a" })]);
    expect(rows[0].verdict).toBe("pass");
    expect(rows[1].reason).toBe("seed 10: gives other bits than a, first at y[1]");
  });

  it("fails outputs of another length, type or name", async () => {
    const rows = await rowsOf([
      made("short", () => ({ y: new Float64Array(2) })),
      made("float", ({ x }) => ({ y: Float32Array.from(x) })),
      made("none", () => ({})),
    ]);
    expect(rows[0].reason).toMatch(/buffer y: wrong length: expected 3 values, got 2/);
    expect(rows[1].reason).toMatch(/expected Float64Array, got Float32Array/);
    expect(rows[2].reason).toMatch(/expected Float64Array, got Undefined/);
    expect(rows[0].outputHash).toBeNull();
  });

  it("a trap fails its row with kernel, shape and seed, and the other rows go on", async () => {
    const trapping: Call = (inputs, dims, poison) => {
      if (dims.n === 3) throw new KernelError("kernel double at n=3: trapped: unreachable", { tag: "trap" });
      return honest(inputs, dims, poison);
    };
    const rows = await rowsOf([made("trapping", trapping), made("a", honest)]);
    expect(rows.map((row) => row.verdict)).toEqual(["fail", "pass", "pass", "pass"]);
    expect(rows[0].reason).toBe("seed 10: kernel double at n=3: trapped: unreachable");
    expect(rows[0].cases).toBe(4);
  });

  it("says why a backend is not available: undeclared for the kernel, missing, or throwing when opened", async () => {
    const rows = await rowsOf([
      made("exotic", honest),
      made("missing", honest, { missing: () => Promise.resolve("not installed") }),
      made("throwing", honest, { open: () => Promise.reject(new Error("no device")) }),
      made("a", honest),
    ]);
    expect(rows.map(({ backend, verdict, reason }) => [backend, verdict, reason])).toEqual([
      ["exotic", "not available", "cannot be expressed there"],
      ["missing", "not available", "not installed"],
      ["throwing", "not available", "cannot be opened: failed: no device"],
      ["a", "pass", null],
      ["a", "pass", null],
    ]);
  });

  it("stops when the signal says so, in the middle of a call, after the rows that were finished", async () => {
    const stop = new AbortController();
    let stopped: (() => void) | undefined;
    const waits: Call = (inputs, dims, poison) => {
      if (dims.n === 3) return honest(inputs, dims, poison);
      setImmediate(() => {
        stop.abort(new Error("stopped by the test"));
      });
      return new Promise((_, reject) => {
        stopped = () => {
          reject(new Error("worker ended"));
        };
      });
    };
    const backend = made("waits", waits, {
      open: () =>
        Promise.resolve({
          call: (_, inputs, dims) => waits(inputs, dims, 0),
          close: () => stopped?.(),
        }),
    });
    const rows: AgreementResult[] = [];
    const run = async (): Promise<void> => {
      const options = { kernels: [double], backends: [backend], cases: 1, seed: 1, signal: stop.signal };
      for await (const row of agree(options)) rows.push(row);
    };
    await expect(run()).rejects.toThrow("stopped by the test");
    expect(rows).toHaveLength(1);
  });

  it("tells its progress case by case", async () => {
    const notes: (string | undefined)[] = [];
    let total: number | undefined;
    await rowsOf([reference], {
      cases: 2,
      progress: {
        begin: (_, count) => {
          total = count;
          return { advance: (_steps, note) => notes.push(note), end: () => notes.push("end") };
        },
      },
    });
    expect(total).toBe(4);
    expect(notes).toEqual(["double n=3", "double n=3", "double n=7", "double n=7", "end"]);
  });
});
