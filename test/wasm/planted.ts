/**
 * Small kernels made for the host's tests, honest ones and planted faults, compiled from AssemblyScript in memory.
 *
 * They are no part of the package: what the host must survive or notice is written down here once.
 */
import { main } from "assemblyscript/asc";
import {
  defineKernel,
  f64,
  i32,
  resident,
  u8,
  type Buffers,
  type Dims,
  type Kernel,
} from "../../harness/core/kernel.js";

const SOURCE = `
export function arenaStart(): usize { return (__heap_base + 63) & ~63; }
const counter = memory.data(8);

// Honest: y[i] = factor * x[i] for rows of 4.
export function scale(args: usize, rows: i32): i32 {
  const factor = load<f64>(load<u32>(args)), x: usize = load<u32>(args, 4), y: usize = load<u32>(args, 8);
  for (let i: usize = 0; i < (<usize>rows) * 4; i++) {
    const value = load<f64>(x + (i << 3));
    if (!(value == value)) return 2;
    store<f64>(y + (i << 3), factor * value);
  }
  return 0;
}
export function scaleWithScratch(args: usize, rows: i32): i32 {
  const scratch: usize = load<u32>(args, 12), x: usize = load<u32>(args, 4);
  memory.copy(scratch, x, (<usize>rows) * 32);
  return scale(args, rows);
}
// Counts its calls in static memory: a new instance starts again at 1.
export function count(args: usize): i32 {
  store<u32>(counter, load<u32>(counter) + 1);
  store<i32>(load<u32>(args), load<u32>(counter));
  return 0;
}
export function grow(args: usize, pages: i32): i32 {
  const y: usize = load<u32>(args, 4);
  store<f64>(y, load<f64>(load<u32>(args)));
  if (memory.grow(pages) < 0) return 6;
  store<f64>(y, load<f64>(y) * 2.0);
  return 0;
}
export function giveStatus(args: usize): i32 { return load<i32>(load<u32>(args)); }

// Faults.
function deeper(n: i32): i32 { return n == 0 ? 1 : deeper(n - 1) + deeper(n - 2) % 3; }
export function trap(args: usize, kind: i32): i32 {
  const y: usize = load<u32>(args);
  store<u32>(counter, 12345);
  if (kind == 0) unreachable();
  if (kind == 1) return load<i32>(0xfffffff0);
  if (kind == 2) return 7 / (load<i32>(y) & 0);
  if (kind == 3) return deeper(-1);
  if (kind == 4) assert(false, "planted");
  if (kind == 5) store<i32>(0xfffffff0, 1);
  return 0;
}
export function endless(args: usize): i32 {
  const y: usize = load<u32>(args);
  while (load<i32>(y, 0) != 77) store<i32>(y, 1);
  return 0;
}
export function onePast(args: usize, n: i32): i32 {
  const y: usize = load<u32>(args);
  for (let i = 0; i <= n; i++) store<u8>(y + i, 0xff);
  return 0;
}
export function oneBefore(args: usize, n: i32): i32 {
  const y: usize = load<u32>(args);
  for (let i = -1; i < n; i++) store<u8>(y + i, 0);
  return 0;
}
export function leaveHole(args: usize, n: i32): i32 {
  const y: usize = load<u32>(args);
  for (let i = 0; i < n; i++) if (i != 1) store<f64>(y + (i << 3), 1.0);
  return 0;
}
export function addToUnset(args: usize, n: i32): i32 {
  const y: usize = load<u32>(args);
  for (let i = 0; i < n; i++) store<f64>(y + (i << 3), load<f64>(y + (i << 3)) + 1.0);
  return 0;
}
// Writes its output in the first call of an instance only.
export function firstOnly(args: usize): i32 {
  if (load<u32>(counter) == 0) store<f64>(load<u32>(args), 1.0);
  store<u32>(counter, 1);
  return 0;
}
export function changeInput(args: usize): i32 {
  store<f64>(load<u32>(args), 3.0);
  store<f64>(load<u32>(args, 4), 3.0);
  return 0;
}
// Resident: kept[0] = 2 * weight, kept[1] = how often it was prepared in this instance; y[i] = x[i] * kept[0] + 1000 * kept[1].
export function double(args: usize): i32 {
  const kept: usize = load<u32>(args, 12);
  store<u32>(counter, load<u32>(counter) + 1);
  store<f64>(kept, 2.0 * load<f64>(load<u32>(args, 4)));
  store<f64>(kept, <f64>load<u32>(counter), 8);
  return load<f64>(load<u32>(args, 4)) < 0 ? 3 : 0;
}
export function useDouble(args: usize, rows: i32): i32 {
  const x: usize = load<u32>(args), y: usize = load<u32>(args, 8), kept: usize = load<u32>(args, 12);
  for (let i: usize = 0; i < <usize>rows; i++) {
    store<f64>(y + (i << 3), load<f64>(x + (i << 3)) * load<f64>(kept) + 1000 * load<f64>(kept, 8));
  }
  return 0;
}
export function changeKept(args: usize, rows: i32): i32 {
  store<f64>(load<u32>(args, 12), 1.0, 8);
  return useDouble(args, rows);
}
export function changeTable(args: usize): i32 {
  store<f64>(load<u32>(args, 4), 3.0);
  store<u32>(args, 0);
  return 0;
}
`;

let compiled: Promise<WebAssembly.Module> | undefined;

/** The module with all kernels below; compiled once per test file. */
export function plantedModule(): Promise<WebAssembly.Module> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<WebAssembly.Module> {
  let binary: Uint8Array | undefined;
  const { error } = await main(
    ["planted.ts", "--outFile", "planted.wasm", "--runtime", "stub", "--maximumMemory", "512", "-O1"],
    {
      readFile: (name) => (name === "planted.ts" ? SOURCE : null),
      writeFile: (name, contents) => {
        if (name === "planted.wasm") binary = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined)
    throw new Error("planted kernels: do not compile", { cause: error });
  return WebAssembly.compile(binary);
}

type Shape = Pick<Kernel, "dims" | "inputs" | "outputs"> & Partial<Kernel>;

/** A declaration around one export, with a reference that nobody should call unless the test gives one. */
export function planted(symbol: string, shape: Shape): Kernel {
  return defineKernel({
    id: symbol,
    title: symbol,
    source: "test",
    symbol,
    shapes: [],
    generate: () => ({}),
    work: () => ({ items: 1, itemName: "call", bytes: 1 }),
    reference: () => {
      throw new Error("no reference");
    },
    agrees: () => ({ ratio: 0, worst: 0, measure: "equal", where: "nowhere" }),
    laws: [],
    unavailable: {},
    ...shape,
  });
}

const scaleShape: Shape = {
  dims: ["rows"],
  batch: "rows",
  inputs: { factor: f64("", "1"), x: f64("rows 4", "1") },
  outputs: { y: f64("rows 4", "1") },
  shapes: [{ rows: 5 }, { rows: 0 }, { rows: 33 }],
  generate: (dims, random) => ({
    factor: Float64Array.of(2.5),
    x: Float64Array.from({ length: dims.rows * 4 }, () => random.normal()),
  }),
  reference: ({ factor, x }) => ({ y: Float64Array.from(x, (value) => value * factor[0]) }),
  agrees: (outputs, expected) => exactly("y", outputs, expected),
};

function exactly(name: string, outputs: Buffers, expected: Buffers): ReturnType<Kernel["agrees"]> {
  let worst = 0;
  let index = 0;
  outputs[name].forEach((value, i) => {
    const error = Math.abs(value - expected[name][i]);
    if (!(error <= worst)) [worst, index] = [error, i];
  });
  return { ratio: worst === 0 ? 0 : worst / 1e-15, worst, measure: "absolute", where: `${name}[${index}]` };
}

export const scale = planted("scale", scaleShape);
export const scaleWithScratch = planted("scaleWithScratch", {
  ...scaleShape,
  scratch: { copy: (dims: Dims) => dims.rows * 32 },
});
export const count = planted("count", { dims: [], inputs: {}, outputs: { calls: i32("", "1") } });
export const grow = planted("grow", {
  dims: ["pages"],
  inputs: { x: f64("", "1") },
  outputs: { y: f64("", "1") },
});
export const giveStatus = planted("giveStatus", { dims: [], inputs: { status: i32("", "1") }, outputs: {} });
export const trap = planted("trap", { dims: ["kind"], inputs: {}, outputs: { y: i32("", "1") } });
export const endless = planted("endless", { dims: [], inputs: {}, outputs: { y: i32("", "1") } });
export const onePast = planted("onePast", { dims: ["n"], inputs: {}, outputs: { y: u8("n", "1") } });
export const oneBefore = planted("oneBefore", { dims: ["n"], inputs: {}, outputs: { y: u8("n", "1") } });
export const leaveHole = planted("leaveHole", { dims: ["n"], inputs: {}, outputs: { y: f64("n", "1") } });
export const addToUnset = planted("addToUnset", { dims: ["n"], inputs: {}, outputs: { y: f64("n", "1") } });
export const firstOnly = planted("firstOnly", { dims: [], inputs: {}, outputs: { y: f64("", "1") } });
export const changeInput = planted("changeInput", {
  dims: [],
  inputs: { x: f64("", "1") },
  outputs: { y: f64("", "1") },
});
export const changeTable = planted("changeTable", {
  dims: [],
  inputs: { x: f64("", "1") },
  outputs: { y: f64("", "1") },
});

const residentShape: Shape = {
  dims: ["rows"],
  batch: "rows",
  inputs: { x: f64("rows", "1"), weight: resident(f64("", "1")) },
  outputs: { y: f64("rows", "1") },
  prepare: "double",
  kept: { doubled: 16 },
};
export const useDouble = planted("useDouble", residentShape);
export const changeKept = planted("changeKept", residentShape);
