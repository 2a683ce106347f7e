// Fits the codebooks of the codec vq on simulated modules and writes harness/codecs/vqtables.ts: `npm run build && node
// scripts/fit-vq.mjs`, then build again. No real module is read (fitrows.mjs). Same simulation, same tables.
//
// Each node of a tree is split in two by the kernel k-means, from its mean and the point furthest from it. A vector counts as its
// share of the module's charge: the points of a tree are drawn at equal steps of the running sum of these shares.
import { writeFileSync } from "node:fs";
import { built, fitRows, tableFile } from "./fitrows.mjs";

const { kernel: kMeans } = await built("kernels/k-means.js");
const { openPool } = await built("wasm/pool.js");
const { allocate, DEPTHS } = await built("codecs/vqformat.js");
const { CENTROID_ONE } = await built("codecs/vqtree.js");
const { GROUPS_OF_4 } = await built("physics/triggercells.js");

const POINTS = 60000;
const ROUNDS = 40;
/** Distance between neighbours at a tree's level, in pitches of a sensor cell: what a misplaced share costs. */
const REACH = { groups: 4, cells: 2 };
const GAIN_ONE = 1024;
/** Every so manieth module judges the bits of the thirds. */
const JUDGED_EVERY = 20;
const LINKS = [1, 2, 3, 4, 5];
const FIXED_BITS = 4 + 8 + DEPTHS.thirds;

/** Shares of the parts of a whole, with the whole's share of the module. */
function vectorsOf(rows) {
  const found = { thirds: [], groups: [], cells: [] };
  const add = (list, parts, module) => {
    const whole = sumOf(parts);
    if (whole > 0) list.push({ weight: whole / module, shares: parts.map((part) => part / whole) });
  };
  for (const row of rows) {
    const module = sumOf(row);
    const cells = GROUPS_OF_4.map((members) => members.map((cell) => row[cell]));
    const groups = cells.map((parts) => sumOf(parts));
    const thirds = [0, 4, 8].map((from) => groups.slice(from, from + 4));
    cells.forEach((parts) => add(found.cells, parts, module));
    thirds.forEach((parts) => add(found.groups, parts, module));
    add(
      found.thirds,
      thirds.map((parts) => sumOf(parts)),
      module,
    );
  }
  return found;
}

/** POINTS vectors, each as often as its weight asks for. */
function draw(vectors) {
  const size = vectors[0].shares.length;
  const all = vectors.reduce((sum, { weight }) => sum + weight, 0);
  const data = new Float64Array(POINTS * size);
  let sum = 0;
  let point = 0;
  for (const { weight, shares } of vectors) {
    sum += weight;
    for (; point < POINTS && (point + 0.5) / POINTS <= sum / all; point++) data.set(shares, point * size);
  }
  return { data: data.slice(0, point * size), size };
}

function meanOf(data, size) {
  const mean = new Float64Array(size);
  for (let at = 0; at < data.length; at++) mean[at % size] += data[at];
  return mean.map((sum) => sum / (data.length / size));
}

function furthest(data, size, from) {
  let best = 0;
  let most = -1;
  for (let point = 0; point < data.length / size; point++) {
    let square = 0;
    for (let i = 0; i < size; i++) square += (data[point * size + i] - from[i]) ** 2;
    if (square > most) [best, most] = [point, square];
  }
  return data.slice(best * size, (best + 1) * size);
}

/** Whole coordinates that add up to CENTROID_ONE, by largest remainders. */
function whole(centre) {
  const parts = [...centre].map((share) => Math.max(0, Math.floor(share * CENTROID_ONE)));
  const order = parts.map((_, i) => i);
  order.sort((a, b) => ((centre[b] * CENTROID_ONE) % 1) - ((centre[a] * CENTROID_ONE) % 1) || a - b);
  const missing = CENTROID_ONE - sumOf(parts);
  for (let k = 0; k < missing; k++) parts[order[k]]++;
  return parts;
}

/** The points of a node by the nearer of its two children, as the encoder sees them; both centres are whole. */
function divide(data, size, first, second) {
  const sides = [[], []];
  const squares = second.reduce((sum, b, i) => sum + b * b - first[i] ** 2, 0);
  for (let point = 0; point < data.length; point += size) {
    let towards = 0;
    for (let i = 0; i < size; i++) towards += data[point + i] * (second[i] - first[i]);
    sides[2 * CENTROID_ONE * towards > squares ? 1 : 0].push(...data.subarray(point, point + size));
  }
  return sides.map((values) => Float64Array.from(values));
}

async function splitNode(pool, data, size) {
  const mean = meanOf(data, size);
  const start = new Float64Array([...mean, ...furthest(data, size, mean)]);
  const dims = { points: data.length / size, dims: size, clusters: 2, limit: ROUNDS };
  const { centres } = await pool.call(kMeans, { data, start }, dims);
  return [whole(centres.subarray(0, size)), whole(centres.subarray(size))];
}

/** Mean absolute error of a vector's shares at each depth, and the centroids breadth first. */
async function growTree(pool, vectors, depth) {
  const { data, size } = draw(vectors);
  let nodes = [{ data, centre: whole(meanOf(data, size)) }];
  const centroids = [nodes[0].centre];
  const errors = [errorOf(nodes, size)];
  for (let level = 1; level <= depth; level++) {
    const next = [];
    for (const node of nodes) {
      const few = node.data.length / size < 4;
      const [first, second] = few ? [node.centre, node.centre] : await splitNode(pool, node.data, size);
      const sides = few ? [node.data, new Float64Array(0)] : divide(node.data, size, first, second);
      next.push({ data: sides[0], centre: first }, { data: sides[1], centre: second });
    }
    nodes = next;
    centroids.push(...nodes.map(({ centre }) => centre));
    errors.push(errorOf(nodes, size));
  }
  return { centroids: centroids.flat(), errors };
}

function errorOf(nodes, size) {
  let sum = 0;
  let points = 0;
  for (const { data, centre } of nodes) {
    points += data.length / size;
    for (let at = 0; at < data.length; at++) sum += Math.abs(data[at] - centre[at % size] / CENTROID_ONE) / 2;
  }
  return sum / points;
}

/**
 * What each further bit takes off the error, on the convex hull of the errors: a first bit that gains little but opens the way to a
 * second that gains much must not hold both back.
 */
function gainsOf(errors, reach) {
  const gains = [];
  for (let at = 0; at < errors.length - 1;) {
    let best = { to: at + 1, slope: -Infinity };
    for (let to = at + 1; to < errors.length; to++) {
      const slope = (errors[at] - errors[to]) / (to - at);
      if (slope >= best.slope) best = { to, slope };
    }
    const gain = Math.max(1, Math.round(best.slope * reach * GAIN_ONE));
    gains.push(...new Array(best.to - at).fill(gain));
    at = best.to;
  }
  return gains;
}

const sumOf = (values) => values.reduce((sum, value) => sum + value, 0);

/** Expected error of a module whose thirds and groups have these shares, with `given` of `bits` for the thirds' paths. */
function expectedError({ thirds, groups }, given, bits, errors, gains) {
  const thirdDepths = new Uint8Array(3);
  const groupDepths = new Uint8Array(12);
  const taken = allocate(thirds, gains[0], DEPTHS.groups, given, thirdDepths);
  allocate(groups, gains[1], DEPTHS.cells, bits - taken, groupDepths);
  return (
    REACH.groups * sumOf(thirds.map((share, k) => share * errors.groups[thirdDepths[k]])) +
    REACH.cells * sumOf(groups.map((share, k) => share * errors.cells[groupDepths[k]]))
  );
}

/** Bits for the paths of the thirds at each number of links: those with the least expected error over some modules. */
function bitsForThirds(rows, errors, gains) {
  const modules = rows
    .filter((_, k) => k % JUDGED_EVERY === 0)
    .map((row) => {
      const groups = GROUPS_OF_4.map((members) => sumOf(members.map((cell) => row[cell])) / sumOf(row));
      return { groups, thirds: [0, 4, 8].map((from) => sumOf(groups.slice(from, from + 4))) };
    });
  return LINKS.map((links) => {
    const bits = 32 * links - FIXED_BITS;
    let best = { cost: Infinity, given: 0 };
    for (let given = 0; given <= Math.min(bits, 3 * DEPTHS.groups); given++) {
      const cost = sumOf(modules.map((module) => expectedError(module, given, bits, errors, gains)));
      if (cost < best.cost) best = { cost, given };
    }
    return best.given;
  });
}

const pool = await openPool({ threads: 1 });
const rows = await fitRows();
const vectors = vectorsOf(rows);
const thirds = await growTree(pool, vectors.thirds, DEPTHS.thirds);
const groups = await growTree(pool, vectors.groups, DEPTHS.groups);
const cells = await growTree(pool, vectors.cells, DEPTHS.cells);
await pool.close();
const gains = [gainsOf(groups.errors, REACH.groups), gainsOf(cells.errors, REACH.cells)];
for (const { errors } of [thirds, groups, cells])
  process.stderr.write(`errors by depth: ${errors.map((error) => error.toFixed(4)).join(" ")}\n`);
const text = `/**
 * Tables of the codec vq, written by scripts/fit-vq.mjs from simulated modules only.
 *
 * THIRD_BITS: by links, bits of the paths of the thirds. GAINS: of a third's and of a group's path, what the next bit is worth, by
 * bits it has. Trees: vqtree.ts.
 */
// prettier-ignore
export const THIRD_BITS: readonly number[] = [${bitsForThirds(rows, { groups: groups.errors, cells: cells.errors }, gains).join(", ")}];

// prettier-ignore
export const GAINS: readonly (readonly number[])[] = [
${gains.map((row) => `  [${row.join(", ")}],`).join("\n")}
];

// prettier-ignore
export const THIRD_TREE: readonly number[] = [${thirds.centroids.join(", ")}];

// prettier-ignore
export const GROUP_TREE: readonly number[] = [${groups.centroids.join(", ")}];

// prettier-ignore
export const CELL_TREE: readonly number[] = [${cells.centroids.join(", ")}];
`;
writeFileSync(tableFile("vqtables"), text);
