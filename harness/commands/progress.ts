/**
 * Progress on stderr: one rewritten line with an estimate of the time left on a terminal, sparse plain lines elsewhere.
 *
 * It reads a clock only to show time; nothing here reaches a result.
 */
import type { Progress, Task } from "../engine/progress.js";

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 10_000;
const BAR_CELLS = 24;

export interface ProgressScreen {
  write(text: string): void;
  readonly terminal: boolean;
  readonly columns: number;
  now(): number;
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

class ShownTask implements Task {
  #done = 0;
  #note = "";
  #drawnAt: number;
  readonly #begunAt: number;

  constructor(
    readonly screen: ProgressScreen,
    readonly title: string,
    readonly total: number | undefined,
  ) {
    this.#begunAt = screen.now();
    this.#drawnAt = this.#begunAt;
    this.#draw();
  }

  advance(steps = 1, note = ""): void {
    this.#done += steps;
    this.#note = note;
    const now = this.screen.now();
    if (now - this.#drawnAt < (this.screen.terminal ? REDRAW_MS : PLAIN_LINE_MS)) return;
    this.#drawnAt = now;
    this.#draw();
  }

  end(): void {
    const took = duration(this.screen.now() - this.#begunAt);
    const line = `${this.title}: ${this.#counted()} in ${took}`;
    this.screen.write(this.screen.terminal ? `\r\u001b[2K${line}\n` : `${line}\n`);
  }

  #counted(): string {
    return this.total === undefined ? String(this.#done) : `${this.#done}/${this.total}`;
  }

  #left(): string {
    if (this.total === undefined || this.#done === 0) return "";
    const elapsed = this.screen.now() - this.#begunAt;
    return `, about ${duration((elapsed / this.#done) * (this.total - this.#done))} left`;
  }

  #draw(): void {
    const note = this.#note === "" ? "" : `, ${this.#note}`;
    if (!this.screen.terminal) {
      this.screen.write(`${this.title}: ${this.#counted()}${this.#left()}${note}\n`);
      return;
    }
    const filled =
      this.total === undefined ? 0 : Math.round((BAR_CELLS * this.#done) / Math.max(1, this.total));
    const bar = "#".repeat(filled).padEnd(BAR_CELLS, ".");
    const line = `${this.title} [${bar}] ${this.#counted()}${this.#left()}${note}`;
    this.screen.write(`\r\u001b[2K${line.slice(0, Math.max(20, this.screen.columns - 1))}`);
  }
}

export function screenProgress(screen: ProgressScreen): Progress {
  return { begin: (title, total) => new ShownTask(screen, title, total) };
}
