/** Peers in Python that do the work of one kernel, and what all of them say of their versions. */
import type { PythonPeerDeclaration } from "./peer.js";

/** First lines of a body: the versions that every one has. */
export const VERSIONS = `
import platform
versions = {"python": platform.python_version(), "numpy": np.__version__}
`;

interface KernelPeer extends Pick<PythonPeerDeclaration, "id" | "title" | "modules"> {
  readonly kernel: string;
  /** Python text whose only subject has the peer's id. */
  readonly body: string;
  /** Kernel output with which the peer's is compared; without it nothing is. */
  readonly output?: string;
}

export function kernelPeer({ kernel, body, output, ...peer }: KernelPeer): PythonPeerDeclaration {
  return {
    ...peer,
    bodies: { [kernel]: body },
    subject: peer.id,
    output: output === undefined ? {} : { [kernel]: output },
    exact: output !== undefined,
  };
}
