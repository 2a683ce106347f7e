/** NumPy .npy files: one array [rows, 48] (or more columns, as headerless tables); row-major ones are streamed. */
import { InputError } from "../core/errors.js";
import {
  defineReader,
  type RawSlab,
  type RawTable,
  type ReadOptions,
  type ReadSource,
} from "../core/reader.js";
import { arrayShape, slabsFromChunks, slabsInMemory, type ArrayShape } from "./arraytable.js";
import { headerBytes, isNpy, parseHeader, SHORTEST, type NpyHeader } from "./npyformat.js";

export const reader = defineReader({ id: "npy", title: "NumPy", extensions: ["npy"], matches: isNpy, open });

async function open(source: ReadSource, options: ReadOptions): Promise<RawTable> {
  if (options.dataset !== undefined) {
    throw new InputError(
      `${source.name}: has no named arrays: expected no --dataset, got ${options.dataset}`,
    );
  }
  const header = await readHeader(source);
  const shape = arrayShape(header, options, source.name);
  return {
    columns: shape.plan.columns,
    columnNames: shape.plan.names,
    labels: shape.plan.labels,
    ignoredColumns: shape.plan.ignored,
    slabs: () => slabs(source, header, shape),
  };
}

async function* slabs(source: ReadSource, header: NpyHeader, shape: ArrayShape): AsyncGenerator<RawSlab> {
  if (header.fortranOrder) yield* slabsInMemory(await source.bytes(), header, shape, source.name);
  else yield* slabsFromChunks(source.chunks(), header, shape, source.name);
}

async function readHeader(source: ReadSource): Promise<NpyHeader> {
  let head: Uint8Array = new Uint8Array(0);
  for await (const chunk of source.chunks()) {
    head = Buffer.concat([head, chunk]);
    if (head.length >= SHORTEST && head.length >= headerBytes(head, source.name)) break;
  }
  return parseHeader(head, source.name);
}
