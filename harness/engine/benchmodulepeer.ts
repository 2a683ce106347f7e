/** Opens a peer that is an npm package: in this process, on the same windows, or not at all with the reason. */
import type { Buffers } from "../core/kernel.js";
import { installed } from "../backends/optionalpackage.js";
import { packageVersion } from "../io/packageversion.js";
import type { Opened } from "./benchside.js";
import type { Windows } from "./benchwindows.js";
import type { ModulePeerDeclaration } from "./peers/peer.js";

/** The peer as a side that keeps its last outputs. */
export async function openModulePeer(peer: ModulePeerDeclaration, windows: Windows): Promise<Opened> {
  const { kernel, dims, inputs } = windows;
  let module: object;
  try {
    const found = await installed<{ readonly default?: object }>(peer.package);
    module = found.default ?? found; // CommonJS packages come as the default export
  } catch (error) {
    return { notAvailable: error instanceof Error ? error.message : String(error) };
  }
  const subject = await peer.subjects[kernel.id](module);
  const outputs = new Array<Buffers | undefined>(inputs.length).fill(undefined);
  const run = (window: number): void => {
    outputs[window] = subject(inputs[window], dims);
  };
  return {
    side: { kind: "sync", run },
    threads: 1,
    versions: { [peer.package]: packageVersion(peer.package) },
    outputs: peer.exact ? outputs : undefined,
    close: () => undefined,
  };
}
