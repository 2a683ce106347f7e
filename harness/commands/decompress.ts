/** `wafermark decompress F.wmk`: the modules of a container as a CSV or npy table. Checks the whole file before it decodes. */
import { EXIT, UsageError, type ExitCode } from "../core/errors.js";
import { CELLS, type Label } from "../core/table.js";
import { defineCommand, type Context } from "./context.js";

interface Options {
  readonly out?: string;
}

export const command = defineCommand<Options>({
  name: "decompress",
  summary: "a .wmk container back into a table",
  arguments: [{ name: "<file>", says: "the container" }],
  options: [{ flags: "-o, --out <path>", says: "the .csv or .npy file to write (npy: charges only)" }],
  examples: [
    ["wafermark decompress modules.wmk --out modules.csv", "charges and the labels that were stored"],
  ],
  run: (context, args, options) => decompress(args as readonly [string], options, context),
});

/** Runs the command; answers with 0. */
export async function decompress(
  [path]: readonly [string],
  options: Options,
  context: Context,
): Promise<ExitCode> {
  const { out } = options;
  if (out === undefined)
    throw new UsageError("--out: is missing: expected the name of a .csv or .npy file, got nothing");
  const { readContainer } = await import("../io/container.js");
  const { createTable } = await import("../io/tablewriter.js");
  const { codecOf, decodeBlock } = await import("../engine/storing.js");
  const container = await readContainer(path);
  const kernels = await context.openKernels();
  const charges = Array.from({ length: CELLS }, (_, cell) => `CALQ_${cell}`);
  const stored = container.header.columns.slice(CELLS).map((column) => column.name as Label);
  const labels = out.toLowerCase().endsWith(".npy") ? [] : stored;
  try {
    const codec = await codecOf(container, path, kernels);
    const table = await createTable(out, [...charges, ...labels]);
    const task = context.progress.begin("decompress", container.rows);
    try {
      for (const block of container.blocks) {
        context.signal.throwIfAborted();
        const calq = await decodeBlock(codec, block, path);
        await table.write(
          withLabels(
            calq,
            block.rows,
            labels.map((label) => block.labels.get(label)),
          ),
        );
        task.advance(block.rows);
      }
      await table.commit();
    } finally {
      task.end();
      await table.abandon();
    }
    const left = stored.filter((label) => !labels.includes(label));
    const note = left.length === 0 ? "" : `, labels left out: ${left.join(", ")}`;
    context.stderr(`${out}: ${container.rows} modules, ${codec.label}${note}\n`);
  } finally {
    await kernels.close();
  }
  return EXIT.done;
}

/** Charges and label columns row by row. */
function withLabels(
  calq: Float64Array,
  rows: number,
  labels: readonly (Float64Array | undefined)[],
): Float64Array {
  if (labels.length === 0) return calq;
  const width = CELLS + labels.length;
  const values = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    values.set(calq.subarray(row * CELLS, (row + 1) * CELLS), row * width);
    labels.forEach((column, k) => (values[row * width + CELLS + k] = column?.[row] ?? NaN));
  }
  return values;
}
