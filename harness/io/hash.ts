/** SHA-256 as lower-case hexadecimal text, of bytes in memory or as they pass by. */
import { createHash } from "node:crypto";

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export class Sha256 {
  readonly #hash = createHash("sha256");

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** The digest of everything so far; ends the hash. */
  digest(): string {
    return this.#hash.digest("hex");
  }
}
