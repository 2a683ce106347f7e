/** The machine record of a results file: processor, memory, JavaScript engine, WebAssembly features, load. */
import { cpus, loadavg, totalmem } from "node:os";
import type { MachineRecord } from "../core/results.js";

/** Smallest modules that are valid only where a feature is on: (func (result v128) ...) and a shared memory. */
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const FUNCTION = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00];
const V128_ZERO = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const FEATURES: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  // v128.const 0
  ["simd", [...HEADER, ...FUNCTION, 0x0a, 0x16, 0x01, 0x14, 0x00, ...V128_ZERO, 0x0b]],
  // memory 1 1 shared
  ["threads", [...HEADER, 0x05, 0x04, 0x01, 0x03, 0x01, 0x01]],
  // i8x16.relaxed_swizzle (v128.const 0) (v128.const 0)
  [
    "relaxed-simd",
    [
      ...HEADER,
      ...FUNCTION,
      0x0a,
      0x2b,
      0x01,
      0x29,
      0x00,
      ...V128_ZERO,
      ...V128_ZERO,
      0xfd,
      0x80,
      0x02,
      0x0b,
    ],
  ],
];

/** Names of the WebAssembly features that this engine accepts. */
export function wasmFeatures(): string[] {
  return FEATURES.filter(([, bytes]) => WebAssembly.validate(Uint8Array.from(bytes))).map(([name]) => name);
}

/** What this machine is; asks the system, measures nothing. */
export function machineRecord(): Promise<MachineRecord> {
  const processors = cpus();
  return Promise.resolve({
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    platform: `${process.platform}-${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    features: wasmFeatures(),
    load: loadavg()[0],
  });
}
