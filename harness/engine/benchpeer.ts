/** Opens Python peers for a bench job: one Python process serves all peers that need the same text and modules. */
import type { Buffers } from "../core/kernel.js";
import type { Opened } from "./benchside.js";
import type { Windows } from "./benchwindows.js";
import { runtimeOf, type PeerRuntime } from "./peers/catalogue.js";
import type { PythonPeerDeclaration } from "./peers/peer.js";
import { PythonPeer } from "./peers/python.js";

export class BenchPeers {
  readonly #processes = new Map<string, PythonPeer>();

  constructor(
    readonly windows: Windows,
    readonly runtimes: readonly PeerRuntime[],
  ) {}

  /** The peer as a side; its outputs are asked for once per window, before any timing. */
  async open(peer: PythonPeerDeclaration): Promise<Opened> {
    const { kernel } = this.windows;
    const runtime = runtimeOf(peer, this.runtimes);
    if (runtime === undefined) return { notAvailable: `no interpreter was looked for` };
    const { executable, reason } = runtime;
    if (executable === null) return { notAvailable: reason ?? "no interpreter" };
    const process = await this.#process(executable, peer.bodies[kernel.id]);
    const outputs = peer.exact ? await this.#outputs(process, peer) : undefined;
    return {
      side: {
        kind: "remote",
        run: (window, runs) => process.time(peer.subject, window, runs),
      },
      threads: 1,
      versions: process.versions,
      outputs,
      close: () => undefined,
    };
  }

  close(): void {
    for (const process of this.#processes.values()) process.close();
  }

  async #process(executable: string, body: string): Promise<PythonPeer> {
    const key = `${executable}\n${body}`;
    let process = this.#processes.get(key);
    if (process === undefined) {
      const { kernel, inputs, dims } = this.windows;
      process = await PythonPeer.open(executable, body, kernel.inputs, inputs, dims);
      this.#processes.set(key, process);
    }
    return process;
  }

  async #outputs(process: PythonPeer, peer: PythonPeerDeclaration): Promise<Buffers[]> {
    const name = peer.output[this.windows.kernel.id];
    const outputs: Buffers[] = [];
    for (let window = 0; window < this.windows.inputs.length; window++) {
      outputs.push({ [name]: await process.outputs(peer.subject, window) });
    }
    return outputs;
  }
}
