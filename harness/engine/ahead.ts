/**
 * Results in order, while the next one is already being worked on: what one task does on this thread passes while another waits
 * for the pool. At most one task is ahead, so that memory holds two of them.
 *
 * Ends only when nothing is at work any more, also after a failure or when the taker stops early.
 */
export async function* oneAhead<T>(tasks: Iterable<() => Promise<T>>): AsyncGenerator<T> {
  let current: Promise<T> | undefined;
  try {
    for (const task of tasks) {
      const next = task();
      // A failure is met when its turn comes; until then nobody awaits it.
      next.catch(() => undefined);
      const before = current;
      current = next;
      if (before !== undefined) yield await before;
    }
    if (current !== undefined) yield await current;
  } finally {
    await current?.catch(() => undefined);
  }
}
