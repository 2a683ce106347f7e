/** Runs the built command line as a user would: its own process, its own current folder. Needs `npm run build`. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../house/sources.js";

const CLI = join(root, "dist", "harness", "cli.js");

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves when stderr has shown `text`; rejects when the process ends without. */
  shown(text: string): Promise<void>;
}

export function start(args: readonly string[], cwd: string): Running {
  if (!existsSync(CLI)) throw new Error("the command line is not built: npm run build");
  const child = spawn(process.execPath, [CLI, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = new Promise<Finished>((resolve) => {
    child.on("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });
  const shown = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stderr.includes(text)) resolve();
      };
      child.stderr.on("data", look);
      look();
      void finished.then(({ code }) => {
        reject(new Error(`ended with ${String(code)} before ${JSON.stringify(text)}: ${stderr}`));
      });
    });
  return { child, finished, shown };
}

export function wafermark(args: readonly string[], cwd: string): Promise<Finished> {
  return start(args, cwd).finished;
}
