/**
 * Who leaves a particle's charges in the grid: the TypeScript of deposits.ts, or the WebAssembly kernel, to the same bits.
 *
 * The kernel goes on in the event's random sequence where this thread stands, and this thread goes on where it has stopped.
 */
import type { Buffers } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { createHost } from "../wasm/host.js";
import { DEPOSITS, gridTables, mostCharges, PARTICLE_COLUMNS, writeParticle } from "./depositcall.js";
import type { EventGrid } from "./eventgrid.js";
import { deposit, type Particle } from "./particles.js";

/** Leaves a particle's charges in the grid it was made for. */
export type Depositor = (one: Particle, random: Rng) => void;

/** The slow and obvious one. */
export function plainDepositor(grid: EventGrid): Depositor {
  return (one, random) => {
    deposit(grid, one, random);
  };
}

/** The kernel of a compiled module (build/release.wasm or another target). */
export function compiledDepositor(grid: EventGrid, module: WebAssembly.Module): Depositor {
  const layers = grid.layers.length;
  const limit = mostCharges(1, layers);
  const dims = { particles: 1, layers, modules: grid.touched.length, limit, blank: 0 };
  const tables: Buffers = gridTables(grid);
  const frame = createHost(module).frame(DEPOSITS, dims, tables);
  const particle = new Float64Array(PARTICLE_COLUMNS);
  const position = new Float64Array(3);
  const count = new Int32Array(1);
  const cells = new Int32Array(limit);
  const mips = new Float64Array(limit);
  let sequence: Uint32Array | undefined;
  return (one, random) => {
    if (one.sinhEta <= 0) return;
    writeParticle(one, particle);
    random.tell(position);
    frame.write("particles", particle);
    if (sequence !== random.sequence) {
      sequence = random.sequence;
      frame.write("sequence", sequence);
    }
    frame.write("position", position);
    frame.run();
    frame.readInto("count", count);
    frame.readInto("end", position);
    random.seek(position);
    frame.readStart("cells", cells, count[0]);
    frame.readStart("mips", mips, count[0]);
    for (let i = 0; i < count[0]; i++) grid.addTo(cells[i], mips[i]);
  };
}
