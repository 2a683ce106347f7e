import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backends, kernels } from "../../harness/engine/plugins.generated.js";
import { agree } from "../../harness/engine/agree.js";
import {
  BYTES_PER,
  STATUS,
  elements,
  isBatched,
  type Buffers,
  type Dims,
  type Kernel,
} from "../../harness/core/kernel.js";
import { isHarnessError } from "../../harness/core/errors.js";
import { rng } from "../../harness/core/rng.js";
import { sha256 } from "../../harness/io/hash.js";
import { loadBinary, type Target } from "../../harness/wasm/binary.js";
import { checkInputs } from "../../harness/wasm/checks.js";
import { createHost, type Host } from "../../harness/wasm/host.js";
import { rowLength, rowsOf } from "../../harness/wasm/job.js";
import { openPool, type Pool } from "../../harness/wasm/pool.js";

const SEED = 7;
/** References are cubic or worse: shapes with larger inputs are left to `wafermark validate`. */
const LARGEST_INPUT_BYTES = 160_000;
const TARGETS: readonly Target[] = ["release", "scalar", "debug"];

const hosts = new Map<Target, Host>();
const pools: Pool[] = [];
beforeAll(async () => {
  for (const target of TARGETS) {
    hosts.set(target, createHost((await loadBinary(target)).module, { validation: true }));
  }
  for (const threads of [1, 2, 3]) pools.push(await openPool({ threads }));
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
});

function host(target: Target = "release"): Host {
  const found = hosts.get(target);
  if (found === undefined) throw new Error(`no host for ${target}`);
  return found;
}

/** Shapes whose references are quick enough here: the smallest one where none is small (a network's weights are inputs). */
function quickShapes(kernel: Kernel): readonly Dims[] {
  const bySize = [...kernel.shapes].sort((a, b) => inputBytes(kernel, a) - inputBytes(kernel, b));
  const small = bySize.filter((dims) => inputBytes(kernel, dims) <= LARGEST_INPUT_BYTES);
  return small.length > 0 ? small : bySize.slice(0, 1);
}

function inputBytes(kernel: Kernel, dims: Dims): number {
  return Object.values(kernel.inputs).reduce(
    (sum, spec) => sum + elements(spec, dims) * BYTES_PER[spec.dtype],
    0,
  );
}

/** The bytes of each buffer, or their hash when they are many: equal when and only when all bits are. */
function bytesOf(buffers: Buffers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(buffers).map(([name, values]) => {
      const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
      return [name, bytes.length <= 2048 ? bytes.toString("hex") : sha256(bytes)];
    }),
  );
}

/** Rows [from, to) of batched buffers, whole others; copies. */
function someRows(
  kernel: Kernel,
  specs: Kernel["inputs"],
  buffers: Buffers,
  dims: Dims,
  from: number,
  to: number,
): Buffers {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      isBatched(spec, kernel.batch)
        ? rowsOf(buffers[name], rowLength(spec, kernel, dims), from, to).slice()
        : buffers[name].slice(),
    ]),
  );
}

const all = [...kernels].map(([stem, kernel]) => ({ stem, kernel }));

it("there are kernels to test", () => {
  expect(all.length).toBeGreaterThan(0);
});

describe.each(all)("kernel $stem: declaration", ({ stem, kernel }) => {
  it("has its file's stem as id, and says what it is and where it comes from", () => {
    expect(kernel.id).toBe(stem);
    expect(kernel.title).not.toBe("");
    expect(kernel.source).toMatch(/doi:|\d{4}|arXiv/);
  });

  it("names each buffer once and uses only declared dimensions", () => {
    const specs = { ...kernel.inputs, ...kernel.outputs };
    const names = [
      ...Object.keys(kernel.inputs),
      ...Object.keys(kernel.outputs),
      ...Object.keys(kernel.scratch ?? {}),
    ];
    expect(new Set(names).size).toBe(names.length);
    for (const spec of Object.values(specs)) {
      for (const token of spec.shape.split(" ").filter((word) => word !== "")) {
        expect(kernel.dims.includes(token) || /^\d+$/.test(token), `${spec.shape} names ${token}`).toBe(true);
      }
    }
    if (kernel.batch !== undefined) expect(kernel.dims).toContain(kernel.batch);
  });

  it("has shapes with all its dimensions, each once", () => {
    expect(kernel.shapes.length).toBeGreaterThan(0);
    for (const shape of kernel.shapes) expect(Object.keys(shape).sort()).toEqual([...kernel.dims].sort());
    expect(new Set(kernel.shapes.map((shape) => JSON.stringify(shape))).size).toBe(kernel.shapes.length);
  });

  it("says what one call does", () => {
    for (const shape of kernel.shapes) {
      const { items, itemName, bytes } = kernel.work(shape);
      // Nothing to do is allowed for an empty table alone (K1's edge), which no rate is formed of.
      if (!Object.values(shape).includes(0)) expect(items).toBeGreaterThan(0);
      expect(items).toBeGreaterThanOrEqual(0);
      expect(bytes).toBeGreaterThanOrEqual(0);
      expect(Number.isSafeInteger(bytes)).toBe(true);
      expect(itemName).not.toBe("");
    }
  });

  it("gives a reason for every backend it is not available on", () => {
    for (const reason of Object.values(kernel.unavailable)) expect(reason.length).toBeGreaterThan(10);
  });

  it.each(TARGETS)("has its export in the %s build", (target) => {
    expect(host(target).has(kernel.symbol)).toBe(true);
  });

  it("generates the same inputs from the same seed, others from another, all as declared", () => {
    kernel.shapes.forEach((dims, i) => {
      const inputs = kernel.generate(dims, rng(SEED, i));
      expect(() => {
        checkInputs(kernel, dims, inputs);
      }).not.toThrow();
      expect(bytesOf(kernel.generate(dims, rng(SEED, i)))).toEqual(bytesOf(inputs));
    });
    const [dims] = kernel.shapes;
    expect(bytesOf(kernel.generate(dims, rng(SEED + 1, 0)))).not.toEqual(
      bytesOf(kernel.generate(dims, rng(SEED, 0))),
    );
  });

  it("leaves the inputs of its reference as they are", () => {
    for (const dims of quickShapes(kernel)) {
      const inputs = kernel.generate(dims, rng(SEED));
      const before = bytesOf(inputs);
      kernel.reference(inputs, dims);
      expect(bytesOf(inputs)).toEqual(before);
    }
  });
});

describe.each(all)("kernel $stem: agreement", ({ kernel }) => {
  it("agrees with its reference on every build, on poisoned memory, debug and release bit for bit", async () => {
    const shapes = quickShapes(kernel);
    expect(shapes.length).toBeGreaterThan(0);
    const rows = [];
    for await (const row of agree({
      // The declaration itself, not a copy: backends know a network by it.
      kernels: [kernel],
      visits: (_, visited) => shapes.includes(visited),
      backends: [...backends.values()],
      cases: 3,
      seed: SEED,
    })) {
      rows.push(row);
    }
    expect(rows.filter((row) => row.verdict === "fail")).toEqual([]);
    for (const id of ["reference", "wasm", "wasm-scalar", "wasm-debug"]) {
      expect(rows.filter((row) => row.backend === id && row.verdict === "pass")).toHaveLength(shapes.length);
    }
  });

  it("gives the same bits 100 times, in validation mode and without", async () => {
    const [dims] = kernel.shapes;
    const inputs = kernel.generate(dims, rng(SEED));
    const expected = bytesOf(host().call(kernel, inputs, dims));
    const plain = createHost((await loadBinary("release")).module);
    for (let i = 0; i < 100; i++) {
      expect(bytesOf(plain.call(kernel, inputs, dims))).toEqual(expected);
    }
    expect(plain.instancesMade).toBe(1);
  });

  it("refuses an input of the wrong length before the call", () => {
    const [dims] = kernel.shapes;
    const inputs = kernel.generate(dims, rng(SEED));
    for (const name of Object.keys(kernel.inputs)) {
      const short = { ...inputs, [name]: inputs[name].slice(1) };
      expect(() => host().call(kernel, short, dims)).toThrow(new RegExp(`buffer ${name}: wrong length`));
    }
  });
});

const batched = all.filter(({ kernel }) => kernel.batch !== undefined);

describe.each(batched)("kernel $stem: rows", ({ kernel }) => {
  const batch = kernel.batch as string;
  const dimsOf = (rows: number): Dims => ({ ...kernel.shapes[0], [batch]: rows });

  it.each([0, 1, 2, 3, 15, 16, 17, 200])(
    "gives the bits of one instance for %i rows on 1, 2 and 3 threads",
    async (rows) => {
      const dims = dimsOf(rows);
      const inputs = kernel.generate(dims, rng(SEED, rows));
      const expected = bytesOf(host().call(kernel, inputs, dims));
      for (const pool of pools) expect(bytesOf(await pool.call(kernel, inputs, dims))).toEqual(expected);
    },
  );

  it("gives each row what it gives it alone", () => {
    const dims = dimsOf(12);
    const inputs = kernel.generate(dims, rng(SEED));
    const together = host().call(kernel, inputs, dims);
    for (let row = 0; row < 12; row++) {
      const alone = host().call(
        kernel,
        someRows(kernel, kernel.inputs, inputs, dims, row, row + 1),
        dimsOf(1),
      );
      expect(bytesOf(alone)).toEqual(bytesOf(someRows(kernel, kernel.outputs, together, dims, row, row + 1)));
    }
  });

  const perRow = "status" in kernel.outputs && isBatched(kernel.outputs.status, batch);

  it.skipIf(!perRow).each([NaN, Infinity, -Infinity, -1])(
    "a row with %f gets a status and harms no other row",
    (bad) => {
      const dims = dimsOf(24);
      const inputs = kernel.generate(dims, rng(SEED));
      const good = host().call(kernel, inputs, dims);
      const spoilt = Array.from(good.status).indexOf(STATUS.ok, 5);
      expect(spoilt).toBeGreaterThanOrEqual(5);
      for (const [name, spec] of Object.entries(kernel.inputs)) {
        if (!isBatched(spec, batch) || !spec.dtype.startsWith("f")) continue;
        // A kernel whose own inputs go below zero takes negative numbers.
        if (bad === -1 && inputs[name].some((value: number) => value < 0)) continue;
        const values = inputs[name].slice();
        values[spoilt * rowLength(spec, kernel, dims)] = bad;
        for (const target of TARGETS) {
          const outputs = host(target).call(kernel, { ...inputs, [name]: values }, dims);
          const unspoilt = host(target).call(kernel, inputs, dims);
          expect(outputs.status[spoilt], `${name} on ${target}`).toBe(
            bad === -1 ? STATUS.negative : STATUS.nonFinite,
          );
          for (const [from, to] of [
            [0, spoilt],
            [spoilt + 1, 24],
          ] as const) {
            expect(bytesOf(someRows(kernel, kernel.outputs, outputs, dims, from, to))).toEqual(
              bytesOf(someRows(kernel, kernel.outputs, unspoilt, dims, from, to)),
            );
          }
        }
      }
    },
  );
});

describe("all kernels together", () => {
  it("leave nothing behind that another one's results depend on", () => {
    const shared = host();
    const calls = all.map(({ kernel }) => {
      const [dims] = kernel.shapes;
      return { kernel, dims, inputs: kernel.generate(dims, rng(SEED)) };
    });
    const first = calls.map(({ kernel, inputs, dims }) => bytesOf(shared.call(kernel, inputs, dims)));
    const again = calls
      .toReversed()
      .map(({ kernel, inputs, dims }) => bytesOf(shared.call(kernel, inputs, dims)))
      .toReversed();
    expect(again).toEqual(first);
  });

  it("refuse a negative dimension by name", () => {
    for (const { kernel } of all) {
      const [dims] = kernel.shapes;
      const inputs = kernel.generate(dims, rng(SEED));
      for (const name of kernel.dims) {
        try {
          host().call(kernel, inputs, { ...dims, [name]: -1 });
          expect.unreachable();
        } catch (error) {
          if (!isHarnessError(error)) throw error;
          expect(error.message).toContain(`dimension ${name}: expected a whole number`);
        }
      }
    }
  });
});
