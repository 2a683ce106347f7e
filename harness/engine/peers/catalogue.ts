/** All peers by id, and which of them can run on this machine. */
import { findPython } from "./python.js";
import type { PythonPeerDeclaration } from "./peer.js";
import { potPeers } from "./pot.js";

export const peers: ReadonlyMap<string, PythonPeerDeclaration> = new Map(
  potPeers.map((peer) => [peer.id, peer]),
);

/** Peers that do the work of kernel `id`. */
export function peersOf(kernel: string): readonly PythonPeerDeclaration[] {
  return [...peers.values()].filter((peer) => kernel in peer.bodies);
}

/** An interpreter for a set of modules, or why there is none. */
export interface PeerRuntime {
  readonly modules: readonly string[];
  readonly executable: string | null;
  readonly reason: string | null;
}

/** Looks for an interpreter for each set of modules that `wanted` needs, once per set. */
export async function findRuntimes(
  wanted: readonly PythonPeerDeclaration[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<readonly PeerRuntime[]> {
  const sets = new Map(wanted.map(({ modules }) => [modules.join(" "), modules]));
  return Promise.all(
    [...sets.values()].map(async (modules) => {
      const found = await findPython(modules, environment);
      return "executable" in found
        ? { modules, executable: found.executable, reason: null }
        : { modules, executable: null, reason: found.reason };
    }),
  );
}

/** The runtime that has a peer's modules. */
export function runtimeOf(
  peer: PythonPeerDeclaration,
  runtimes: readonly PeerRuntime[],
): PeerRuntime | undefined {
  return runtimes.find(({ modules }) => modules.join(" ") === peer.modules.join(" "));
}
