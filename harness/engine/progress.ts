/**
 * How long work tells that it moves: the engine reports steps, whoever shows them decides how.
 *
 * Nothing here reads a clock or writes to a terminal (see commands/progress.ts).
 */

/** One piece of work with a known or unknown number of steps. */
export interface Task {
  /** `steps` more are done; `note` says what is being worked on. */
  advance(steps?: number, note?: string): void;
  end(): void;
}

export interface Progress {
  /** Begins a piece of work; `total` is absent when it is not known beforehand. */
  begin(title: string, total?: number): Task;
}

/** Shows nothing: for tests, `--quiet` and library use. */
export const silentProgress: Progress = {
  begin: () => ({
    advance: () => {
      // shown nowhere
    },
    end: () => {
      // shown nowhere
    },
  }),
};
