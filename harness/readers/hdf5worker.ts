/**
 * The thread in which untrusted HDF5 files are parsed, by the in-memory build of h5wasm: it can open no file of the host.
 *
 * One file at a time, each under a fresh name, closed and removed afterwards. A crash of the parser ends this thread only.
 */
import { randomUUID } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { ready } from "h5wasm";
import { isHarnessError, printable } from "../core/errors.js";
import type { Hdf5, OpenHdf5 } from "./hdf5objects.js";
import { openTable, type Hdf5Table } from "./hdf5rows.js";
import { readTensors } from "./hdf5tensors.js";
import type { Hdf5Reply, Hdf5Request } from "./hdf5messages.js";

/** The few calls of the in-memory file system that are used here. */
interface MemoryFiles {
  writeFile(path: string, bytes: Uint8Array, options: { canOwn: boolean }): void;
  unlink(path: string): void;
  readdir(path: string): string[];
}

interface Current {
  readonly file: OpenHdf5;
  readonly path: string;
  readonly table: Hdf5Table;
  next: number;
}

let module: Hdf5 | undefined;
let current: Current | undefined;

async function hdf5(): Promise<Hdf5> {
  if (module !== undefined) return module;
  module = await ready;
  module.activate_throwing_error_handler();
  const files = filesOf(module);
  // No device: the standard streams of this process are not a file's business either.
  for (const name of files.readdir("/dev")) {
    if (name === "." || name === ".." || name === "shm") continue;
    files.unlink(`/dev/${name}`);
  }
  return module;
}

function filesOf(h5: Hdf5): MemoryFiles {
  return h5.FS as unknown as MemoryFiles; // declared by emscripten, whose types are not installed
}

async function answer(request: Hdf5Request): Promise<Hdf5Reply> {
  const h5 = await hdf5();
  switch (request.kind) {
    case "open": {
      close(h5);
      const path = `/${randomUUID()}.h5`;
      filesOf(h5).writeFile(path, request.bytes, { canOwn: true });
      let id = -1n;
      try {
        id = h5.open(path, h5.H5F_ACC_RDONLY, false, -1, -1);
        const { name, options, bytes } = request;
        const file: OpenHdf5 = { h5, id, name, bytes: bytes.length, limits: options.limits };
        current = { file, path, table: openTable(file, options), next: 0 };
      } catch (error) {
        discard(h5, path, id);
        throw error;
      }
      const { rows, columns, columnNames, labels, ignoredColumns } = current.table;
      return { kind: "opened", rows, columns, columnNames, labels, ignoredColumns };
    }
    case "weights": {
      close(h5);
      const path = `/${randomUUID()}.h5`;
      const { bytes, name, limits } = request;
      filesOf(h5).writeFile(path, bytes, { canOwn: true });
      let id = -1n;
      try {
        id = h5.open(path, h5.H5F_ACC_RDONLY, false, -1, -1);
        return { kind: "weights", tensors: readTensors({ h5, id, name, bytes: bytes.length, limits }) };
      } finally {
        discard(h5, path, id);
      }
    }
    case "next": {
      if (current === undefined || current.next >= current.table.rows) return { kind: "end" };
      const from = current.next;
      const rows = Math.min(current.table.slabRows, current.table.rows - from);
      const slab = current.table.read(from, rows);
      current.next += rows;
      return { kind: "slab", from, rows, ...slab };
    }
    case "close":
      close(h5);
      return { kind: "end" };
  }
}

function close(h5: Hdf5): void {
  if (current !== undefined) discard(h5, current.path, current.file.id);
  current = undefined;
}

function discard(h5: Hdf5, path: string, id: bigint): void {
  try {
    if (id >= 0n) h5.close_file(id);
  } catch {
    // a damaged file may not even close; its name is never used again
  }
  filesOf(h5).unlink(path);
}

/** The first cause that HDF5 names, in one line: its messages are a stack of dozens. */
function shortReason(text: string): string {
  if (/external (raw )?(data )?file|external file list/i.test(text))
    return "external storage: expected data in this file, got a reference to another file";
  const lines = text.split("\n").filter((line) => /^\s*#\d+/.test(line));
  const deepest = lines.length === 0 ? text : lines[lines.length - 1];
  const reason = deepest.replace(/^.*\(\): /, "").trim();
  return `not readable HDF5 data: expected a whole, undamaged file, got "${printable(reason, 120)}"`;
}

function isHdf5Error(error: unknown): error is Error {
  return error instanceof Error && error.message.includes("HDF5-DIAG");
}

async function reply(request: Hdf5Request, name: string): Promise<Hdf5Reply> {
  try {
    return await answer(request);
  } catch (error) {
    if (isHarnessError(error))
      return { kind: "refused", message: error.message, tag: error.tag, remedy: error.remedy };
    if (isHdf5Error(error))
      return {
        kind: "refused",
        message: `${name}: ${shortReason(error.message)}`,
        tag: "hdf5",
        remedy: undefined,
      };
    return { kind: "crashed", message: error instanceof Error ? error.message : String(error) };
  }
}

let name = "";
parentPort?.on("message", (request: Hdf5Request) => {
  if (request.kind === "open" || request.kind === "weights") name = request.name;
  void reply(request, name).then((answered) => {
    const transfer =
      answered.kind === "slab"
        ? [answered.values.buffer, ...answered.labels.map((label) => label.buffer)]
        : [];
    parentPort?.postMessage(answered, transfer as ArrayBuffer[]);
  });
});
