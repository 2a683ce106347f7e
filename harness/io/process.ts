/** Whether another process of this machine still lives, and a mark that tells it from a later one with the same number. */
import { readFileSync } from "node:fs";

/** True when a process with this id exists on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM";
  }
}

/** Start time of a process in the kernel's own ticks where the system tells it (Linux), else undefined. */
export function birthMark(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name is in brackets and may hold blanks; the 20th field behind it is the start time.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
