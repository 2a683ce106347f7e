// Where the host may lay out a call's buffers: everything from here on belongs to it. Kernels own no memory but their
// static scratch (memory.data) and the buffers that are handed to them.

/** First byte after all static data, rounded up to 64. */
export function arenaStart(): usize {
  return (__heap_base + 63) & ~63;
}
