/** One row of the agreement table while its cases come in: the worst case, the first fault, a hash over all outputs. */
import type { Backend } from "../core/backend.js";
import type { Agreement, Kernel } from "../core/kernel.js";
import type { AgreementResult } from "../core/results.js";
import { Sha256 } from "../io/hash.js";

/** JSON has no infinities: absent is null. */
function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

export class AgreementRow {
  readonly #ids: Pick<AgreementResult, "kernel" | "backend" | "shape">;
  readonly #hash = new Sha256();
  #cases = 0;
  #hashed = 0;
  #worst: { agreement: Agreement; seed: number } | undefined;
  #fault: { text: string; seed: number } | undefined;
  readonly #firstSeed: number;

  constructor(kernel: Kernel, backend: Backend, shape: string, firstSeed: number) {
    this.#ids = { kernel: kernel.id, backend: backend.id, shape };
    this.#firstSeed = firstSeed;
  }

  get failed(): boolean {
    return this.#fault !== undefined;
  }

  /** A case ran; `agreement` is absent when its outputs could not be compared. */
  add(
    seed: number,
    outcome: { agreement?: Agreement | undefined; fault?: string | undefined; hash?: string },
  ): void {
    this.#cases++;
    const { agreement, fault, hash } = outcome;
    if (hash !== undefined) {
      this.#hash.update(Buffer.from(hash, "hex"));
      this.#hashed++;
    }
    const worstRatio = this.#worst?.agreement.ratio ?? -1;
    if (agreement !== undefined && !(agreement.ratio <= worstRatio)) this.#worst = { agreement, seed };
    if (fault !== undefined) this.#fault ??= { text: fault, seed };
  }

  /** The finished row. The seed is that of the first fault, else of the worst case. */
  result(): AgreementResult {
    const worst = this.#worst?.agreement;
    const seed = this.#fault?.seed ?? this.#worst?.seed ?? this.#firstSeed;
    return {
      ...this.#ids,
      cases: this.#cases,
      verdict: this.#fault === undefined ? "pass" : "fail",
      reason: this.#fault === undefined ? null : `seed ${this.#fault.seed}: ${this.#fault.text}`,
      ratio: finiteOrNull(worst?.ratio),
      worst: finiteOrNull(worst?.worst),
      measure: worst?.measure ?? null,
      where: worst?.where ?? null,
      seed,
      outputHash: this.#hashed === this.#cases && this.#cases > 0 ? this.#hash.digest() : null,
    };
  }
}

/** The row of a kernel that a backend cannot run, or of a backend that is not there. */
export function notAvailable(
  kernel: Kernel,
  backend: Backend,
  reason: string,
  seed: number,
): AgreementResult {
  return {
    kernel: kernel.id,
    backend: backend.id,
    shape: "all",
    cases: 0,
    verdict: "not available",
    reason,
    ratio: null,
    worst: null,
    measure: null,
    where: null,
    seed,
    outputHash: null,
  };
}
