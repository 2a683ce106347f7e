/**
 * Opens what a bench job names as subject or baseline: our builds, other backends, floors, the A/A twin.
 *
 * Every side works through windows with copies in and out, and keeps its last outputs so that what was timed is what is
 * checked. Python peers are opened by benchpeer.ts.
 */
import { unavailability } from "../core/backend.js";
import type { Buffers, Kernel } from "../core/kernel.js";
import { defineKernel } from "../core/kernel.js";
import { loadBinary, whyNot, type Target } from "../wasm/binary.js";
import { createHost, type Host } from "../wasm/host.js";
import { openPool } from "../wasm/pool.js";
import type { Windows } from "./benchwindows.js";
import { isInParts, openComponents } from "./benchcomponents.js";
import type { Side } from "./measure.js";
import { backends } from "./plugins.generated.js";

export interface OpenSide {
  readonly side: Side;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Outputs of the last run of each window, by window; undefined for sides whose outputs mean nothing. */
  readonly outputs: (Buffers | undefined)[] | undefined;
  close(): void | Promise<void>;
}

export type Opened = OpenSide | { readonly notAvailable: string };

/** Our own builds by the id of their backend. */
export const OWN_TARGETS: Readonly<Record<string, Target>> = {
  wasm: "release",
  "wasm-scalar": "scalar",
  "wasm-relaxed": "relaxed",
};
/** The subject against itself: a second instance of the same build. */
export const TWIN = "twin";
export const MEMCPY = "memcpy";
export const EMPTY_CALL = "empty-call";
export const FLOORS: readonly string[] = [MEMCPY, EMPTY_CALL];

const THREADED = /^(?<backend>[a-z0-9-]+):threads=(?<threads>[1-9]\d*)$/;

/** Id of the backend behind a subject: "wasm" of "wasm:threads=2". */
export function backendOf(subject: string): string {
  return subject.split(":")[0];
}

export function targetOf(subject: string): Target {
  return OWN_TARGETS[backendOf(subject)] ?? OWN_TARGETS["wasm"];
}

/** True for a subject on several threads, "wasm:threads=2". */
export function isThreaded(id: string): boolean {
  return THREADED.test(id);
}

/** Threads of a subject; 1 of one that names none. */
export function threadsOf(id: string): number {
  return Number(THREADED.exec(id)?.groups?.["threads"] ?? 1);
}

/** The export that does nothing; declared here because it is a floor and not a kernel anyone validates. */
const NOTHING: Kernel = defineKernel({
  id: "empty-call",
  title: "Empty kernel call",
  source: "assembly/floor.ts",
  symbol: "nop",
  dims: [],
  inputs: {},
  outputs: {},
  shapes: [{}],
  generate: () => ({}),
  work: () => ({ items: 1, itemName: "call", bytes: 0 }),
  reference: () => ({}),
  agrees: () => ({ ratio: 0, worst: 0, measure: "none", where: "none" }),
  laws: [],
  unavailable: {},
});

function nothingToClose(): void {
  // holds no resource
}

async function ownHost(target: Target): Promise<Host> {
  return createHost((await loadBinary(target)).module);
}

/** Makes `run` take longer by the part `share` of its own time, by waiting on the clock: a slowdown of known size. */
function slowed(run: (window: number) => void, share: number): (window: number) => void {
  if (!(share > 0)) return run;
  return (window) => {
    const begun = performance.now();
    run(window);
    const until = begun + (1 + share) * (performance.now() - begun);
    while (performance.now() < until);
  };
}

/** One of our builds on one thread, in this process. */
export async function openOwn(target: Target, windows: Windows, planted = 0): Promise<Opened> {
  const reason = whyNot(target);
  if (reason !== undefined) return { notAvailable: reason };
  const { kernel, dims, inputs } = windows;
  const host = await ownHost(target);
  if (!host.has(kernel.symbol))
    return { notAvailable: `build/${target}.wasm has no export ${kernel.symbol}` };
  const outputs = new Array<Buffers | undefined>(inputs.length).fill(undefined);
  const run = (window: number): void => {
    outputs[window] = host.call(kernel, inputs[window], dims, outputs[window]);
  };
  const side: Side = { kind: "sync", run: slowed(run, planted) };
  return { side, threads: 1, versions: {}, outputs, close: nothingToClose };
}

/** The kernel alone on inputs that stay in linear memory, copies left out. */
export async function openResident(target: Target, windows: Windows): Promise<OpenSide> {
  const { kernel, dims, inputs } = windows;
  const host = await ownHost(target);
  const prepared = inputs.map((window) => host.prepare(kernel, window, dims));
  const side: Side = {
    kind: "sync",
    run: (window) => {
      prepared[window].run();
    },
  };
  return { side, threads: 1, versions: {}, outputs: undefined, close: nothingToClose };
}

async function openThreads(target: Target, threads: number, windows: Windows): Promise<Opened> {
  const reason = whyNot(target);
  if (reason !== undefined) return { notAvailable: reason };
  const { kernel, dims, inputs } = windows;
  const pool = await openPool({ threads, target });
  const outputs = new Array<Buffers | undefined>(inputs.length).fill(undefined);
  const run = async (window: number): Promise<void> => {
    outputs[window] = await pool.call(kernel, inputs[window], dims);
  };
  return { side: { kind: "async", run }, threads, versions: {}, outputs, close: () => pool.close() };
}

/** Any other backend of the registry, through the same call that everyone uses. */
async function openBackend(id: string, windows: Windows): Promise<Opened> {
  const { kernel, dims, inputs } = windows;
  const backend = backends.get(id);
  if (backend === undefined) return { notAvailable: `no backend called ${id}` };
  const reason = unavailability(kernel, backend) ?? (await backend.missing());
  if (reason !== undefined) return { notAvailable: reason };
  const session = await backend.open();
  const outputs = new Array<Buffers | undefined>(inputs.length).fill(undefined);
  const first = session.call(kernel, inputs[0], dims);
  const side: Side =
    first instanceof Promise
      ? {
          kind: "async",
          run: async (window) => {
            outputs[window] = await session.call(kernel, inputs[window], dims);
          },
        }
      : {
          kind: "sync",
          run: (window) => {
            outputs[window] = session.call(kernel, inputs[window], dims) as Buffers; // as its first call
          },
        };
  await first;
  return { side, threads: 1, versions: await backend.describe(), outputs, close: () => session.close() };
}

/** Copying as many bytes as the kernel touches, from a different place for each window. */
function openMemcpy({ kernel, dims, inputs }: Windows): OpenSide {
  const { bytes } = kernel.work(dims);
  const sources = inputs.map((_, window) => new Uint8Array(bytes).fill(window + 1));
  const target = new Uint8Array(bytes);
  const run = (window: number): void => {
    target.set(sources[window]);
  };
  return { side: { kind: "sync", run }, threads: 1, versions: {}, outputs: undefined, close: nothingToClose };
}

async function openEmptyCall(): Promise<Opened> {
  const host = await ownHost(whyNot("release") === undefined ? "release" : "scalar");
  if (!host.has(NOTHING.symbol)) return { notAvailable: `the build has no export ${NOTHING.symbol}` };
  const prepared = host.prepare(NOTHING, {}, {});
  const run = (): void => {
    prepared.run();
  };
  return { side: { kind: "sync", run }, threads: 1, versions: {}, outputs: undefined, close: nothingToClose };
}

/** Opens a side by its id: "wasm", "wasm-scalar", "wasm:threads=2", "reference", "memcpy", "empty-call", any backend. */
export async function openSide(id: string, windows: Windows, planted = 0): Promise<Opened> {
  if (id in OWN_TARGETS) return openOwn(OWN_TARGETS[id], windows, planted);
  if (isInParts(windows.kernel, id)) return openComponents(targetOf(id), threadsOf(id), windows);
  const threaded = THREADED.exec(id)?.groups;
  if (threaded !== undefined && threaded["backend"] in OWN_TARGETS) {
    return openThreads(OWN_TARGETS[threaded["backend"]], Number(threaded["threads"]), windows);
  }
  if (id === MEMCPY) return openMemcpy(windows);
  if (id === EMPTY_CALL) return openEmptyCall();
  return openBackend(id, windows);
}
