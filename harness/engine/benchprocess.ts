/**
 * One fresh measuring process from the parent's side: starts it, hands it the job, reads its reply, ends it on abort or
 * when it takes too long.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { KernelError, LimitError, printable } from "../core/errors.js";
import { benchReply, type BenchJob, type BenchReply } from "./benchmessage.js";
import { lastLine } from "./peers/lastline.js";

export interface ProcessOptions {
  /** The process's main file; the built benchchild.js by default. */
  readonly script?: string;
  readonly limitSeconds: number;
  readonly signal?: AbortSignal;
}

const LONGEST_COMPLAINT = 4000;

function ownScript(): string {
  return fileURLToPath(new URL("./benchchild.js", import.meta.url));
}

/** Features of WebAssembly that this process was given on its command line hold for what it measures. */
function wasmFlags(): readonly string[] {
  return process.execArgv.filter((flag) => flag.startsWith("--experimental-wasm"));
}

function parseReply(output: string): BenchReply {
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch (cause) {
    throw new KernelError(`bench process: reply: expected one JSON line, got ${printable(output, 80)}`, {
      cause,
    });
  }
  const parsed = benchReply.safeParse(value);
  if (!parsed.success) throw new KernelError(`bench process: reply: ${parsed.error.issues[0].message}`);
  return parsed.data;
}

/** Measures `job` in a process of its own. Rejects with the signal's reason when aborted; the process is gone by then. */
export function measureInProcess(job: BenchJob, options: ProcessOptions): Promise<BenchReply> {
  const { signal, limitSeconds } = options;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...wasmFlags(), options.script ?? ownScript()], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    let output = "";
    let complaint = "";
    let stopped: Error | undefined;
    const stop = (reason: Error): void => {
      if (stopped === undefined) stopped = reason;
      child.kill("SIGKILL");
    };
    const onAbort = (): void => {
      const reason: unknown = signal?.reason;
      stop(reason instanceof Error ? reason : new Error("aborted"));
    };
    const timer = setTimeout(() => {
      stop(new LimitError(`bench process: took longer than ${limitSeconds} s`, { tag: "timeout" }));
    }, limitSeconds * 1000);
    signal?.addEventListener("abort", onAbort, { once: true });
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    child.stderr.on("data", (text: Buffer) => {
      complaint = (complaint + text.toString()).slice(-LONGEST_COMPLAINT);
    });
    child.stdin.on("error", () => {
      // a process that ended early is reported by its exit code
    });
    child.once("error", (cause) => {
      stop(new KernelError(`bench process: cannot be started: ${cause.message}`, { cause }));
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      try {
        if (stopped !== undefined) throw stopped;
        if (code !== 0) {
          const said = lastLine(complaint, "no message");
          throw new KernelError(`bench process: expected exit 0, got ${String(code)}: ${said}`);
        }
        resolve(parseReply(output));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    child.stdin.write(`${JSON.stringify(job)}\n`);
  });
}
