/**
 * A persistent Python process that runs a peer on the very inputs that our kernel gets, single-threaded.
 *
 * Python is optional: `findPython` says which interpreter has the modules a peer needs, or why there is none.
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import { KernelError } from "../../core/errors.js";
import {
  BYTES_PER,
  elements,
  type Buffers,
  type BufferSpec,
  type Dims,
  type Dtype,
} from "../../core/kernel.js";
import { lastLine } from "./lastline.js";
import { PYTHON_LOOP, PYTHON_PRELUDE } from "./pythonscript.js";

/** One thread whatever NumPy was built with, and no surprises from the user's own start-up files. */
const SINGLE_THREADED = {
  OPENBLAS_NUM_THREADS: "1",
  OMP_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
  NUMEXPR_NUM_THREADS: "1",
  PYTHONDONTWRITEBYTECODE: "1",
};
const NUMPY_DTYPE: Readonly<Record<Dtype, string>> = {
  f64: "<f8",
  f32: "<f4",
  i32: "<i4",
  u32: "<u4",
  u16: "<u2",
  u8: "u1",
};
const PROBE_LIMIT_MS = 20_000;

export interface PythonFound {
  readonly executable: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** Interpreters to try: the user's choice alone when WAFERMARK_PYTHON is set, else what the path and Debian have. */
function candidates(environment: NodeJS.ProcessEnv): readonly string[] {
  const chosen = environment["WAFERMARK_PYTHON"];
  return chosen === undefined || chosen === "" ? ["python3", "/usr/bin/python3"] : [chosen];
}

function environmentOf(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, ...SINGLE_THREADED };
}

/** Standard output of `python -c script`, or the reason why there is none. */
function probe(executable: string, script: string): Promise<{ output: string } | { reason: string }> {
  return new Promise((resolve) => {
    const child = spawn(executable, ["-c", script], {
      env: environmentOf(process.env),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: PROBE_LIMIT_MS,
    });
    let output = "";
    let complaint = "";
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    child.stderr.on("data", (text: Buffer) => (complaint += text.toString()));
    child.on("error", (error) => {
      resolve({ reason: error.message });
    });
    child.on("close", (code) => {
      resolve(code === 0 ? { output } : { reason: lastLine(complaint, `exit ${String(code)}`) });
    });
  });
}

/** The first interpreter that imports all `modules`, with its versions; or the reasons, one per interpreter. */
export async function findPython(
  modules: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<PythonFound | { readonly reason: string }> {
  const script = [
    "import json, platform",
    ...modules.map((name) => `import ${name}`),
    `print(json.dumps({"python": platform.python_version(), ${modules.map((name) => `"${name}": ${name}.__version__`).join(", ")}}))`,
  ].join("\n");
  const reasons: string[] = [];
  for (const executable of candidates(environment)) {
    const answer = await probe(executable, script);
    if ("output" in answer) {
      return { executable, versions: JSON.parse(answer.output) as Record<string, string> };
    }
    reasons.push(`${executable}: ${answer.reason}`);
  }
  return { reason: reasons.join("; ") };
}

interface Answer {
  readonly seconds?: number;
  readonly output?: string;
  readonly versions?: Readonly<Record<string, string>>;
}

/** One running Python peer. Commands are answered in order; the process ends with `close` or when our own stdin pipe closes. */
export class PythonPeer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #complaint = "";
  #versions: Readonly<Record<string, string>> = {};

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on("data", (text: Buffer) => {
      this.#complaint = (this.#complaint + text.toString()).slice(-2000);
    });
    child.stdin.on("error", () => {
      // a peer that died says why on stderr; the next answer that does not come reports it
    });
  }

  /** Starts `executable` on a peer's `body` and hands it the inputs of every window: buffers of `specs` with `dims`. */
  static async open(
    executable: string,
    body: string,
    specs: Readonly<Record<string, BufferSpec>>,
    windows: readonly Buffers[],
    dims: Dims,
  ): Promise<PythonPeer> {
    const child = spawn(executable, ["-c", PYTHON_PRELUDE + body + PYTHON_LOOP], {
      env: environmentOf(process.env),
      stdio: ["pipe", "pipe", "pipe"],
    });
    const failed = new Promise<never>((_, reject) => {
      child.once("error", (cause) => {
        reject(new KernelError(`${executable}: cannot be started: ${cause.message}`, { tag: "peer", cause }));
      });
    });
    const peer = new PythonPeer(child);
    peer.#send(specs, windows, dims);
    peer.#versions = (await Promise.race([peer.#answer(), failed])).versions ?? {};
    failed.catch(() => {
      // only a start can fail this way
    });
    return peer;
  }

  /** Versions of the interpreter and its modules, as it says itself. */
  get versions(): Readonly<Record<string, string>> {
    return this.#versions;
  }

  /** Seconds that `subject` took for `runs` windows from `window` on (in a circle), by Python's own clock. */
  async time(subject: string, window: number, runs: number): Promise<number> {
    const { seconds = 0 } = await this.#ask({ do: "time", subject, window, runs });
    if (!(seconds > 0)) throw this.#broken("a time above 0", seconds);
    return seconds;
  }

  /** What `subject` computes on a window, as float64. */
  async outputs(subject: string, window: number): Promise<Float64Array> {
    const { output } = await this.#ask({ do: "outputs", subject, window });
    if (output === undefined) throw this.#broken("an output", output);
    const bytes = Uint8Array.from(Buffer.from(output, "base64"));
    return new Float64Array(bytes.buffer, 0, bytes.length / BYTES_PER.f64);
  }

  close(): void {
    this.#child.stdin.end();
    this.#child.kill();
  }

  #send(specs: Readonly<Record<string, BufferSpec>>, windows: readonly Buffers[], dims: Dims): void {
    const buffers = Object.entries(specs).map(([name, spec]) => ({
      name,
      dtype: NUMPY_DTYPE[spec.dtype],
      shape: spec.shape
        .split(" ")
        .filter((token) => token !== "")
        .map((token) => dims[token] ?? Number(token)),
      bytes: elements(spec, dims) * BYTES_PER[spec.dtype],
    }));
    this.#child.stdin.write(`${JSON.stringify({ windows: windows.length, buffers })}\n`);
    for (const window of windows) {
      for (const { name } of buffers) {
        const { buffer, byteOffset, byteLength } = window[name];
        this.#child.stdin.write(new Uint8Array(buffer, byteOffset, byteLength));
      }
    }
  }

  async #ask(command: Readonly<Record<string, unknown>>): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    return this.#answer();
  }

  async #answer(): Promise<Answer> {
    const line = await this.#lines.next();
    if (line.done === true) throw this.#broken("an answer", "the end of its output");
    return JSON.parse(line.value) as Answer;
  }

  #broken(expected: string, got: unknown): KernelError {
    const said = lastLine(this.#complaint, "no message");
    return new KernelError(`python peer: expected ${expected}, got ${String(got)} (${said})`, {
      tag: "peer",
    });
  }
}
