/**
 * `wafermark emd A B`: the exact earth mover's distance between row i of A and row i of B, for every i.
 *
 * Both sides are normalised to unit sum. Rows keep their place: one without a distance is `nan` and counted by reason. Files
 * are streamed; nothing is held but a few blocks of rows.
 */
import { EXIT, InputError, type ExitCode } from "../core/errors.js";
import { seventeenDigits } from "../core/digits.js";
import { STATUS, STATUS_NAME } from "../core/kernel.js";
import { defineCommand, type Context } from "./context.js";
import { choice } from "./options.js";

const BLOCK_ROWS = 16384;

interface Options {
  readonly coords?: string;
  readonly out?: string;
  readonly unit?: "calq" | "mipt";
  readonly header?: boolean;
  readonly dataset?: string;
}

export const command = defineCommand<Options>({
  name: "emd",
  summary: "earth mover's distance row by row between two files",
  arguments: [
    { name: "<a>", says: "table of charges: CSV, HDF5, npy or npz, also .gz" },
    { name: "<b>", says: "table with as many rows" },
  ],
  options: [
    { flags: "--coords <file>", says: "a point per column, any dimension (default: the 48 trigger cells)" },
    {
      flags: "-o, --out <path>",
      says: "write the distances to this .csv or .npy file (default: CSV on stdout)",
    },
    {
      flags: "--unit <unit>",
      says: "mipt: a 49th column without a name is eta; distances do not depend on the unit",
      parse: choice("--unit", ["calq", "mipt"]),
    },
    { flags: "--header", says: "the first line of the CSV files is a header" },
    { flags: "--no-header", says: "the CSV files have no header" },
    { flags: "--dataset <path>", says: "dataset inside HDF5 files, or array name in npz files" },
  ],
  examples: [
    ["wafermark emd before.csv after.csv > emd.csv", "one distance a row; the header is emd"],
    ["wafermark emd before.npy after.npy --coords points.csv --out emd.npy", "your own geometry"],
  ],
  run: (context, args, options) => emd(args as readonly [string, string], options, context),
});

/** Runs the command; exit 4 when a row did not converge, else 0. */
export async function emd(
  [a, b]: readonly [string, string],
  options: Options,
  context: Context,
): Promise<ExitCode> {
  const { readGeometry, distancesOf } = await import("../engine/emdrows.js");
  const { createTable } = await import("../io/tablewriter.js");
  const { regroupValues } = await import("../io/regroup.js");
  const geometry = await readGeometry(options.coords);
  const first = await openSide(a, geometry.cells, options);
  const second = await openSide(b, geometry.cells, options);
  const file =
    options.out === undefined ? undefined : await createTable(options.out, ["emd"], seventeenDigits);
  const kernels = await context.openKernels();
  const task = context.progress.begin("emd");
  const reasons = new Map<number, number>();
  let rows = 0;
  try {
    const output = file === undefined ? stdoutValues(context) : file;
    const pairs = pairBlocks(
      [a, regroupValues(first.slabs(), geometry.cells, BLOCK_ROWS)],
      [b, regroupValues(second.slabs(), geometry.cells, BLOCK_ROWS)],
      geometry.cells,
    );
    let pending: Promise<unknown> = Promise.resolve();
    for await (const [original, restored] of pairs) {
      context.signal.throwIfAborted();
      const computed = distancesOf(geometry, original, restored, kernels);
      await pending; // blocks are written in order while the next one is read and computed
      pending = computed.then(async ({ distances, statuses }) => {
        for (const status of statuses) {
          if (status !== STATUS.ok) reasons.set(status, (reasons.get(status) ?? 0) + 1);
        }
        rows += distances.length;
        task.advance(distances.length);
        await output.write(distances);
      });
      pending.catch(() => {
        // awaited in the next round or below
      });
    }
    await pending;
    await output.commit();
  } finally {
    task.end();
    await kernels.close();
    await file?.abandon();
  }
  tell(context, rows, reasons, options.out);
  return reasons.has(STATUS.notConverged) ? EXIT.disagreement : EXIT.done;
}

async function openSide(path: string, cells: number, options: Options) {
  const { openRawTable } = await import("../io/rawtable.js");
  const { readers } = await import("../engine/plugins.generated.js");
  const { table } = await openRawTable(path, readers, {
    columns: cells,
    layout: options.coords !== undefined ? "matrix" : options.unit === "mipt" ? "modules-eta" : "modules",
    ...(options.header === undefined ? {} : { header: options.header }),
    ...(options.dataset === undefined ? {} : { dataset: options.dataset }),
  });
  return table;
}

/** Blocks of both files side by side; refuses (InputError) files of different length. */
async function* pairBlocks(
  [a, left]: readonly [string, AsyncGenerator<Float64Array>],
  [b, right]: readonly [string, AsyncGenerator<Float64Array>],
  cells: number,
): AsyncGenerator<readonly [Float64Array, Float64Array]> {
  let rows = 0;
  try {
    for (;;) {
      const [x, y] = [await left.next(), await right.next()];
      const n = x.done === true ? 0 : x.value.length / cells;
      const m = y.done === true ? 0 : y.value.length / cells;
      if (n !== m) {
        const [short, long] = n < m ? [a, b] : [b, a];
        throw new InputError(
          `${short}: too few rows: expected as many as ${long} has, got ${rows + Math.min(n, m)}`,
          { tag: "rows", remedy: "row i of one file is compared with row i of the other" },
        );
      }
      if (x.done === true || y.done === true) return;
      rows += n;
      yield [x.value, y.value];
    }
  } finally {
    await Promise.all([left.return(undefined), right.return(undefined)]);
  }
}

interface Output {
  write(distances: Float64Array): Promise<void>;
  commit(): Promise<void>;
}

function stdoutValues(context: Context): Output {
  let begun = false;
  const head = context.json ? '{"emd":[' : "emd\n";
  const start = async (): Promise<void> => {
    if (!begun) await context.stdout(head);
  };
  return {
    async write(distances) {
      await start();
      const texts = Array.from(distances, (value) =>
        context.json && Number.isNaN(value) ? "null" : seventeenDigits(value),
      );
      if (texts.length === 0) return;
      const lead = context.json && begun ? "," : "";
      begun = true;
      await context.stdout(context.json ? lead + texts.join(",") : `${texts.join("\n")}\n`);
    },
    async commit() {
      await start();
      if (context.json) await context.stdout("]}\n");
    },
  };
}

function tell(
  context: Context,
  rows: number,
  reasons: ReadonlyMap<number, number>,
  out: string | undefined,
): void {
  const missing = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  const where = out === undefined ? "" : `, written to ${out}`;
  context.stderr(`${rows} rows, ${rows - missing} with a distance${where}\n`);
  for (const [status, count] of [...reasons].sort(([x], [y]) => x - y))
    context.warn(
      `${count} ${count === 1 ? "row is" : "rows are"} nan: ${STATUS_NAME[status] ?? `status ${status}`}\n`,
    );
}
