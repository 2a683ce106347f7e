/**
 * NumPy .npz archives: the array called CALQ (or `--dataset NAME`, or the only two-dimensional one), and one-dimensional
 * arrays of the same length whose names are known labels.
 */
import { InputError, printable } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import {
  defineReader,
  type RawSlab,
  type RawTable,
  type ReadOptions,
  type ReadSource,
} from "../core/reader.js";
import type { Label } from "../core/table.js";
import { arrayShape, checkLength, slabsInMemory } from "./arraytable.js";
import { labelOf } from "./columns.js";
import { parseHeader, type NpyHeader } from "./npyformat.js";
import { openZip, type ZipEntries } from "./zipentries.js";

const ENDING = ".npy";
const HEAD_BYTES = 1 << 16;

export const reader = defineReader({
  id: "npz",
  title: "NumPy archive",
  extensions: ["npz"],
  matches: (head) => head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5),
  open,
});

async function open(source: ReadSource, options: ReadOptions): Promise<RawTable> {
  const zip = await openZip(await source.bytes(), source.name, options.limits.maxBytes);
  const headers = await readHeaders(zip, source.name);
  const [key, header] = chooseArray(headers, options, source.name);
  const where = `${source.name} ${key}`;
  const shape = arrayShape(header, options, where);
  const extra =
    options.layout === "matrix" ? new Map<Label, NamedArray>() : labelArrays(headers, key, shape.rows);
  const bytes = await zip.read(key + ENDING);
  const columns = new Map<Label, Float64Array>();
  for (const [label, { name, header: own }] of extra) {
    if (!shape.plan.labels.includes(label)) columns.set(label, await readColumn(zip, name, own, source.name));
  }
  const used = [key, ...[...extra.values()].map(({ name }) => name)];
  return {
    columns: shape.plan.columns,
    columnNames: shape.plan.names,
    labels: [...shape.plan.labels, ...columns.keys()],
    ignoredColumns: [...shape.plan.ignored, ...[...headers.keys()].filter((name) => !used.includes(name))],
    slabs: async function* () {
      await Promise.resolve();
      let from = 0;
      for (const slab of slabsInMemory(bytes, header, shape, where)) {
        yield withLabels(slab, columns, from);
        from += slab.rows;
      }
    },
  };
}

function withLabels(slab: RawSlab, columns: ReadonlyMap<Label, Float64Array>, from: number): RawSlab {
  const cut = [...columns].map(([label, all]) => [label, all.slice(from, from + slab.rows)] as const);
  return { ...slab, labels: new Map([...slab.labels, ...cut]) };
}

async function readHeaders(zip: ZipEntries, name: string): Promise<Map<string, NpyHeader>> {
  const headers = new Map<string, NpyHeader>();
  for (const entry of zip.names) {
    if (!entry.endsWith(ENDING)) continue;
    const key = entry.slice(0, -ENDING.length);
    headers.set(key, parseHeader(await zip.read(entry, HEAD_BYTES), `${name} ${printable(key, 60)}`));
  }
  return headers;
}

interface NamedArray {
  readonly name: string;
  readonly header: NpyHeader;
}

function chooseArray(
  headers: ReadonlyMap<string, NpyHeader>,
  options: ReadOptions,
  name: string,
): readonly [key: string, header: NpyHeader] {
  const keys = [...headers.keys()];
  const listed = keys.length === 0 ? "no arrays" : keys.map((key) => printable(key, 40)).join(", ");
  const wanted = options.dataset ?? "CALQ";
  const named = headers.get(wanted);
  if (named !== undefined) return [wanted, named];
  if (options.dataset !== undefined) {
    const near = nearestNames(wanted, keys, 1);
    throw new InputError(`${name}: no such array: expected ${printable(wanted, 60)}, got ${listed}`, {
      tag: "dataset",
      ...(near.length === 0 ? {} : { remedy: `--dataset ${printable(near[0], 60)}` }),
    });
  }
  const tables = [...headers].filter(([, header]) => header.shape.length === 2);
  if (tables.length === 1) return tables[0];
  throw new InputError(
    `${name}: no array to choose: expected one called CALQ or one two-dimensional array, got ${listed}`,
    { tag: "dataset", remedy: "name the array with --dataset" },
  );
}

/** Labels and the arrays that hold them: one-dimensional, as long as the table. */
function labelArrays(
  headers: ReadonlyMap<string, NpyHeader>,
  key: string,
  rows: number,
): Map<Label, NamedArray> {
  const found = new Map<Label, NamedArray>();
  for (const [name, header] of headers) {
    const label = labelOf(name);
    if (label === undefined || name === key || header.shape.length !== 1 || header.shape[0] !== rows)
      continue;
    if (!found.has(label)) found.set(label, { name, header });
  }
  return found;
}

async function readColumn(
  zip: ZipEntries,
  name: string,
  header: NpyHeader,
  file: string,
): Promise<Float64Array> {
  const where = `${file} ${name}`;
  const bytes = await zip.read(name + ENDING);
  const rows = header.shape[0];
  checkLength(bytes.length, header, rows, where);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: rows }, (_, i) =>
    header.read(view, header.dataStart + i * header.itemBytes),
  );
}
