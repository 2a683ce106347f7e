/** All peers by id, and which of them can run on this machine. */
import { clusterPeers } from "./clusters.js";
import { componentPeers } from "./components.js";
import { densityClustering } from "./densityclustering.js";
import { mlKmeans, mlPca } from "./mlpackages.js";
import { findPython } from "./python.js";
import type { ModulePeerDeclaration, PythonPeerDeclaration } from "./peer.js";
import { potPeers } from "./pot.js";
import { tfjsComponents } from "./tfjscomponents.js";
import { tfjsTrainingPeers } from "./tfjstraining.js";
import { torchTraining } from "./torchtraining.js";

export const peers: ReadonlyMap<string, PythonPeerDeclaration> = new Map(
  [...potPeers, ...clusterPeers, ...componentPeers, torchTraining].map((peer) => [peer.id, peer]),
);

export const modulePeers: ReadonlyMap<string, ModulePeerDeclaration> = new Map(
  [densityClustering, mlPca, mlKmeans, tfjsComponents, ...tfjsTrainingPeers].map((peer) => [peer.id, peer]),
);

/** npm packages that do the work of kernel `id`. */
export function modulePeersOf(kernel: string): readonly ModulePeerDeclaration[] {
  return [...modulePeers.values()].filter((peer) => kernel in peer.subjects);
}

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
