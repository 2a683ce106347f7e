import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { isHarnessError, type HarnessError } from "../../harness/core/errors.js";
import type { Buffers } from "../../harness/core/kernel.js";
import { rng } from "../../harness/core/rng.js";
import { createHost } from "../../harness/wasm/host.js";
import { chunkRowsOf, divide } from "../../harness/wasm/job.js";
import { openPool, type Pool, type PoolOptions } from "../../harness/wasm/pool.js";
import { sharedArray } from "../../harness/wasm/shared.js";
import { count, endless, plantedModule, scale, scaleWithScratch, trap } from "./planted.js";

let module: WebAssembly.Module;
const open: Pool[] = [];
beforeAll(async () => {
  module = await plantedModule();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

async function pool(options: Partial<PoolOptions> = {}): Promise<Pool> {
  const opened = await openPool({ threads: 2, module, ...options });
  open.push(opened);
  return opened;
}

function inputsFor(rows: number, seed = 1): Buffers {
  return scale.generate({ rows }, rng(seed));
}

async function refusal(action: Promise<unknown>): Promise<HarnessError> {
  try {
    await action;
  } catch (error) {
    if (isHarnessError(error)) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

describe("division into chunks", () => {
  it.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [33, 17],
    [1000, 32],
    [10_000, 33],
  ])("%i rows make %i chunks that cover them", (rows, chunks) => {
    const division = divide(scale, { rows });
    expect(division.chunks).toBe(chunks);
    expect(division.chunks * division.chunkRows).toBeGreaterThanOrEqual(division.rows);
    expect((division.chunks - 1) * division.chunkRows).toBeLessThan(division.rows);
  });

  it("wide rows make chunks that fit a cache", () => {
    expect(chunkRowsOf(1_000_000, 768)).toBe(336);
    expect(chunkRowsOf(1_000_000, 10_000_000)).toBe(1);
  });
});

describe("call", () => {
  it.each([1, 2, 3])("%i threads give the bits of one instance for any number of rows", async (threads) => {
    const opened = await pool({ threads });
    for (const rows of [0, 1, 2, 15, 33, 1000, 10_007]) {
      const inputs = inputsFor(rows);
      const expected = createHost(module).call(scale, inputs, { rows });
      expect(await opened.call(scale, inputs, { rows })).toEqual(expected);
      expect(await opened.call(scaleWithScratch, inputs, { rows })).toEqual(expected);
    }
  });

  it("inputs on shared memory and views with a byte offset are read in place", async () => {
    const opened = await pool();
    const rows = 500;
    const { factor, x } = inputsFor(rows);
    const wide = sharedArray("f64", 4 * rows + 3);
    const view = wide.subarray(3);
    view.set(x);
    const plain = new Float64Array(4 * rows + 1);
    plain.set(x, 1);
    const expected = createHost(module).call(scale, { factor, x }, { rows });
    expect(await opened.call(scale, { factor, x: view }, { rows })).toEqual(expected);
    expect(await opened.call(scale, { factor, x: plain.subarray(1) }, { rows })).toEqual(expected);
  });

  it("validation mode reaches the workers", async () => {
    const opened = await pool({ validation: true });
    const inputs = inputsFor(100);
    const expected = createHost(module).call(scale, inputs, { rows: 100 });
    expect(await opened.call(scale, inputs, { rows: 100 })).toEqual(expected);
  });

  it("concurrent calls are queued and do not mix", async () => {
    const opened = await pool();
    const many = Array.from({ length: 20 }, (_, seed) => inputsFor(200 + seed, seed));
    const results = await Promise.all(many.map((inputs, i) => opened.call(scale, inputs, { rows: 200 + i })));
    results.forEach((outputs, i) => {
      expect(outputs).toEqual(createHost(module).call(scale, many[i], { rows: 200 + i }));
    });
    expect(opened.workersStarted).toBe(2);
  });

  it("outputs stay as they are when later calls use the staging memory again", async () => {
    const opened = await pool();
    const first = await opened.call(scale, inputsFor(50), { rows: 50 });
    const copy = first.y.slice();
    await opened.call(scale, inputsFor(50, 9), { rows: 50 });
    expect(first.y).toEqual(copy);
  });

  it("a kernel without rows runs whole, once", async () => {
    const opened = await pool({ threads: 3 });
    expect((await opened.call(count, {}, {})).calls[0]).toBe(1);
    expect((await opened.call(count, {}, {})).calls[0]).toBe(2);
    expect(opened.workersStarted).toBe(1);
  });

  it("refuses what the host refuses, and the pool goes on", async () => {
    const opened = await pool();
    const error = await refusal(
      opened.call(scale, { ...inputsFor(3), x: new Float64Array(11) }, { rows: 3 }),
    );
    expect(error.message).toMatch(/expected 12 values, got 11/);
    const inputs = inputsFor(3);
    expect(await opened.call(scale, inputs, { rows: 3 })).toEqual(
      createHost(module).call(scale, inputs, { rows: 3 }),
    );
  });
});

describe("failures", () => {
  it("a trap rejects its job with kernel and shape; the pool stays usable", async () => {
    const opened = await pool();
    for (const kind of [0, 1, 2, 3, 4]) {
      const error = await refusal(opened.call(trap, {}, { kind }));
      expect(error.exitCode).toBe(4);
      expect(error.tag).toBe("trap");
      expect(error.message).toMatch(new RegExp(`^kernel trap at kind=${kind}: trapped: `));
      expect((await opened.call(count, {}, {})).calls[0]).toBe(1);
    }
    expect(opened.workersStarted).toBe(1);
  });

  it("a refused row among many rejects the whole job", async () => {
    const opened = await pool();
    const { factor, x } = inputsFor(1000);
    x[4 * 700] = NaN;
    const error = await refusal(opened.call(scale, { factor, x }, { rows: 1000 }));
    expect(error.message).toMatch(
      /^kernel scale at rows=\d+: refused: expected status ok, got non-finite value$/,
    );
  });

  it("memory beyond the limit is refused before the call", async () => {
    const opened = await pool({ maximumBytes: 65_536 });
    const error = await refusal(
      opened.call({ ...scaleWithScratch, scratch: { copy: () => 100_000 } }, inputsFor(8), { rows: 8 }),
    );
    expect(error.exitCode).toBe(6);
    expect(error.message).toMatch(/needs 0\.1 MiB, limit 0\.06 MiB/);
  });

  it("W4: a kernel that never ends is stopped at its limit and the next call is right", async () => {
    const opened = await pool();
    await opened.call(count, {}, {});
    const begun = performance.now();
    const error = await refusal(opened.call(endless, {}, {}, { timeoutSeconds: 0.3 }));
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(error.exitCode).toBe(6);
    expect(error.message).toBe("kernel endless at no dimensions: time: took longer than 0.3 s");
    const inputs = inputsFor(100);
    expect(await opened.call(scale, inputs, { rows: 100 })).toEqual(
      createHost(module).call(scale, inputs, { rows: 100 }),
    );
    expect(opened.workersStarted).toBe(3);
  });

  it("the calling thread stays responsive while a kernel runs, and a signal stops it", async () => {
    const opened = await pool();
    const stop = new AbortController();
    const call = opened.call(endless, {}, {}, { signal: stop.signal });
    let ticks = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (++ticks < 10) return;
        clearInterval(timer);
        resolve();
      }, 5);
    });
    stop.abort(new Error("stopped by the test"));
    await expect(call).rejects.toThrow("stopped by the test");
    expect((await opened.call(count, {}, {})).calls[0]).toBe(1);
  });

  it("close() ends a running call and refuses later ones", async () => {
    const opened = await pool();
    const running = refusal(opened.call(endless, {}, {}));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await opened.close();
    expect((await running).message).toMatch(/pool is closed/);
    expect((await refusal(opened.call(count, {}, {}))).tag).toBe("closed");
  });

  it("openPool refuses no threads", async () => {
    expect((await refusal(openPool({ threads: 0, module }))).exitCode).toBe(2);
  });
});

describe("end of the process", () => {
  const url = new URL("../../dist/harness/wasm/pool.js", import.meta.url).href;
  const script = (body: string): string[] => [
    "--input-type=module",
    "--eval",
    `import { openPool } from ${JSON.stringify(url)};
     const name = (text) => [text.length, ...Buffer.from(text)];
     const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, // magic and version
       1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, // one function: () -> i32
       5, 3, 1, 0, 1, // one page of memory
       7, 23, 2, ...name("memory"), 2, 0, ...name("arenaStart"), 0, 0,
       10, 6, 1, 4, 0, 65, 0, 11); // its body: 0
     const module = await WebAssembly.compile(bytes);
     ${body}`,
  ];
  const run = promisify(execFile);

  it("an idle pool that was not closed lets the process end", async () => {
    const { stdout } = await run(
      process.execPath,
      script(`const pool = await openPool({ threads: 2, module });
        const kernel = { id: "k", symbol: "arenaStart", dims: [], inputs: {}, outputs: {} };
        await pool.call(kernel, {}, {});
        console.log("through");`),
      { timeout: 20_000 },
    );
    expect(stdout).toBe("through\n");
  });
});
