/**
 * Charges that particles leave in the trigger's silicon: the hot part of the simulated datasets, one random sequence from the
 * first particle to the last.
 *
 * Agreement means all bits, of where the sequence ends too: sets of modules are the same whoever makes them.
 */
import { defineKernel, type Buffers, type Dims } from "../core/kernel.js";
import { Rng } from "../core/rng.js";
import { CELLS } from "../core/table.js";
import {
  DEPOSITS,
  gridTables,
  mostCharges,
  PARTICLE_COLUMNS,
  WANT_BLANK,
  writeParticle,
} from "../simulation/depositcall.js";
import { TRIGGER_LAYERS } from "../simulation/detector.js";
import { EventGrid } from "../simulation/eventgrid.js";
import { deposit, particle, PDG } from "../simulation/particles.js";
import { sinhOf } from "../simulation/tracks.js";
import { agreesExactly } from "./exactagreement.js";

const IDS = [PDG.electron, PDG.photon, PDG.muon, PDG.pion, PDG.neutralKaon] as const;
const TWO_32 = 2 ** 32;
/** Upper words of seeds and streams: below, both are safe integers. */
const HIGH_WORDS = 2 ** 20;

const grids = new Map<number, EventGrid>();

/** A grid of that many layers, evenly spread over those of the trigger. */
function gridOf(layers: number): EventGrid {
  let grid = grids.get(layers);
  if (grid === undefined) {
    const step = TRIGGER_LAYERS.length / layers;
    const spread = Array.from({ length: layers }, (_, i) => TRIGGER_LAYERS[Math.floor((i + 0.5) * step)]);
    grid = new EventGrid(spread);
    grids.set(layers, grid);
  }
  return grid;
}

function drawParticle(rng: Rng) {
  const id = IDS[rng.integer(IDS.length)] * (rng.integer(2) === 0 ? 1 : -1);
  // From 50 MeV to 100 GeV, as many in each octave; some pass beside the silicon.
  const pt = 0.05 * 2 ** rng.integer(12) * (1 + rng.uniform());
  return particle(id, pt, sinhOf(1.3 + 2 * rng.uniform()), rng.uniform() - 0.1);
}

function generate({ particles, layers }: Dims, rng: Rng): Buffers {
  const values = new Float64Array(particles * PARTICLE_COLUMNS);
  for (let i = 0; i < particles; i++) writeParticle(drawParticle(rng), values, i * PARTICLE_COLUMNS);
  const words = Uint32Array.of(rng.bits(), rng.integer(HIGH_WORDS), rng.bits(), rng.integer(HIGH_WORDS));
  const kept = rng.integer(2);
  return {
    particles: values,
    sequence: words,
    position: Float64Array.of(rng.integer(2 ** 32) * (1 + rng.integer(8)), kept, kept * rng.normal()),
    ...gridTables(gridOf(layers)),
  };
}

/** The PDG number that is written as `kind`. */
function pdgId(kind: number, charge: number): number {
  if (kind === 0) return -charge * PDG.electron;
  if (kind === 1) return PDG.photon;
  if (kind === 2) return -charge * PDG.muon;
  return charge === 0 ? PDG.neutralKaon : charge * PDG.pion;
}

function reference(inputs: Buffers, { particles, layers, limit }: Dims): Buffers {
  const { particles: rows, sequence } = inputs;
  const random = new Rng(sequence[0] + sequence[1] * TWO_32, sequence[2] + sequence[3] * TWO_32);
  random.seek(Float64Array.from(inputs.position));
  const grid = gridOf(layers);
  const cells = new Int32Array(limit).fill(-1);
  const mips = new Float64Array(limit);
  let count = 0;
  const list = {
    layers: grid.layers,
    add(layer: number, x: number, y: number, charge: number): void {
      const at = grid.locate(layer, x, y);
      if (at < 0) return;
      cells[count] = at;
      mips[count++] = charge;
    },
  };
  for (let i = 0; i < particles; i++) {
    const [kind, pt, sinhEta, turn, charge] = rows.subarray(i * PARTICLE_COLUMNS);
    deposit(list, particle(pdgId(kind, charge), pt, sinhEta, turn), random);
  }
  const end = new Float64Array(3);
  random.tell(end);
  return { count: Int32Array.of(count), end, cells, mips };
}

/** Every charge is in a cell that exists; none is listed after the last. */
function brokenPlaces(
  { present }: Buffers,
  { count, cells }: Buffers,
  { modules }: Dims,
): string | undefined {
  const at = cells.findIndex((cell: number, i: number) =>
    i < count[0] ? cell < 0 || cell >= modules * CELLS || present[cell] === 0 : cell !== -1,
  );
  return at < 0 ? undefined : `cells[${at}] is ${cells[at]}`;
}

function brokenSign(_: Buffers, { mips }: Buffers): string | undefined {
  const at = mips.findIndex((charge: number) => !(charge >= 0 && charge < Infinity));
  return at < 0 ? undefined : `mips[${at}] is ${mips[at]}`;
}

function brokenOrder({ position }: Buffers, { end }: Buffers, { particles }: Dims): string | undefined {
  const isForward = particles === 0 ? end[0] === position[0] : end[0] >= position[0];
  return isForward ? undefined : `from ${position[0]} to ${end[0]}`;
}

const ON_TFJS =
  "every number drawn decides how many follow it: no tensor operation draws one sequence in order";

function shape(particles: number, layers: number, modules: number): Dims {
  return { particles, layers, modules, limit: mostCharges(particles, layers), blank: WANT_BLANK };
}

export const kernel = defineKernel({
  ...DEPOSITS,
  title: "Charges of particles in the silicon",
  source: "Grindhammer and Peters, arXiv:hep-ex/0001020; Salmon et al. 2011, doi:10.1145/2063384.2063405",
  // The third number is how many wafers those layers have.
  shapes: [shape(16, 2, 546), shape(40, 1, 360), shape(1, 2, 546), shape(0, 1, 360), shape(8, 36, 10_167)],
  generate,
  work: ({ particles, layers, modules, limit }) => ({
    items: Math.max(1, particles),
    itemName: "particle",
    bytes: 40 * particles + (64 + 4 * 841) * layers + 64 * modules + 12 * limit,
  }),
  reference,
  agrees: agreesExactly,
  laws: [
    { id: "places", says: "charges are in cells that exist", broken: brokenPlaces },
    { id: "sign", says: "charges are not negative", broken: brokenSign },
    { id: "order", says: "the random sequence goes forward", broken: brokenOrder },
  ],
  unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
});
