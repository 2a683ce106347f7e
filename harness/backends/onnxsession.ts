/**
 * What the ONNX Runtime backends share: inference of a planned network from a file that models/onnx.ts writes.
 *
 * Sessions stay between calls, one per array of parameters. The packages are loaded when they are asked for; none of them needs
 * to be there.
 */
import { isConstant } from "../core/constant.js";
import type { Backend, BackendSession } from "../core/backend.js";
import { KernelError } from "../core/errors.js";
import type { Buffers, Dims, Kernel, NumericArray } from "../core/kernel.js";
import { networkOf } from "../models/networkkernel.js";
import { ONNX_INPUT, ONNX_OUTPUT, onnxModel } from "../models/onnx.js";

interface OrtTensor {
  readonly data: unknown;
}

interface OrtSession {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

/** As much of onnxruntime-common as is used; both packages have it. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<OrtSession>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => OrtTensor;
}

export interface StartedRuntime {
  readonly ort: OnnxRuntime;
  readonly options: Readonly<Record<string, unknown>>;
  /** Versions and what was detected. */
  readonly details: Readonly<Record<string, string>>;
}

/** Sessions that are kept; the oldest makes room. */
const MOST_SESSIONS = 16;

class OnnxSession implements BackendSession {
  readonly #kept = new Map<NumericArray, OrtSession>();

  constructor(
    readonly id: string,
    readonly runtime: StartedRuntime,
  ) {}

  async call(kernel: Kernel, inputs: Buffers, { rows }: Dims): Promise<Buffers> {
    const plan = networkOf(kernel);
    if (plan === undefined) {
      throw new KernelError(`${this.id}: kernel ${kernel.id}: expected a network, got none`);
    }
    // No runtime here runs a graph on no rows.
    if (rows === 0) return { output: new Float32Array(0) };
    const { Tensor } = this.runtime.ort;
    const session = await this.#session(kernel, inputs.parameters as Float32Array);
    const input = new Tensor("float32", inputs.input as Float32Array, [rows, ...plan.network.input]);
    const outputs = await session.run({ [ONNX_INPUT]: input });
    if (!isConstant(inputs.parameters)) await this.#forget(inputs.parameters);
    return { output: outputs[ONNX_OUTPUT].data as Float32Array };
  }

  async close(): Promise<void> {
    for (const values of [...this.#kept.keys()]) await this.#forget(values);
  }

  async #session(kernel: Kernel, parameters: Float32Array): Promise<OrtSession> {
    const found = this.#kept.get(parameters);
    const plan = networkOf(kernel);
    if (found !== undefined || plan === undefined) return found as OrtSession;
    const oldest = this.#kept.keys().next();
    if (this.#kept.size >= MOST_SESSIONS && oldest.done !== true) await this.#forget(oldest.value);
    const { ort, options } = this.runtime;
    const session = await ort.InferenceSession.create(onnxModel(plan, parameters), options);
    this.#kept.set(parameters, session);
    return session;
  }

  async #forget(parameters: NumericArray): Promise<void> {
    const session = this.#kept.get(parameters);
    this.#kept.delete(parameters);
    await session?.release();
  }
}

/** A backend from a function that starts its package, or throws why it cannot. */
export function onnxBackend(id: string, title: string, start: () => Promise<StartedRuntime>): Backend {
  let started: Promise<StartedRuntime> | undefined;
  const once = (): Promise<StartedRuntime> => (started ??= start());
  return {
    id,
    title,
    cannot: (kernel) =>
      networkOf(kernel) === undefined ? "ONNX Runtime runs networks only, as files" : undefined,
    missing: async () => {
      try {
        await once();
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message.split("\n")[0] : String(error);
      }
    },
    describe: async () => (await once()).details,
    open: async () => new OnnxSession(id, await once()),
  };
}
