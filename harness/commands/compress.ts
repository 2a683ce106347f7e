/**
 * `wafermark compress FILE`: a table of modules to a .wmk container with one codec, decoded again while it is written.
 *
 * The container counts everything: header, labels, index, checksums. What was lost is measured on the decoded bits, printed,
 * and never assumed.
 */
import { containerColumns } from "../core/containerheader.js";
import { EXIT, UsageError, type ExitCode } from "../core/errors.js";
import { defineCommand, type Context } from "./context.js";
import { TABLE_OPTIONS, type TableOptions } from "./runoptions.js";

interface Options extends Omit<TableOptions, "data" | "datasets"> {
  readonly codec?: string;
  readonly model?: string;
  readonly arch?: string;
  readonly out?: string;
  /** Store no labels but those that decoding needs. */
  readonly labels?: boolean;
}

export const command = defineCommand<Options>({
  name: "compress",
  summary: "any codec on a table of modules, into a .wmk container",
  arguments: [{ name: "<file>", says: "table of modules: CSV, HDF5, npy or npz, also .gz" }],
  options: [
    { flags: "--codec <spec>", says: "codec id, with parameters after a colon: best-choice:links=2" },
    {
      flags: "--model <path>",
      says: "an autoencoder from a file, or of the zoo by name, which is embedded; --codec ae-<name>:... gives its parameters",
    },
    { flags: "--arch <id>", says: "architecture of the model, where its file does not list layers" },
    { flags: "-o, --out <path>", says: "the container to write, F.wmk" },
    { flags: "--no-labels", says: "leave out labels that decoding does not need" },
    ...TABLE_OPTIONS.filter(({ flags }) => !/^--data(sets)? /.test(flags)),
  ],
  examples: [
    ["wafermark compress modules.csv --codec best-choice:links=2 --out modules.wmk", "and what it cost"],
    ["wafermark compress modules.h5 --codec identity --out modules.wmk", "lossless"],
  ],
  run: (context, args, options) => compress(args as readonly [string], options, context),
});

/** Runs the command; answers with 0. */
export async function compress(
  [path]: readonly [string],
  options: Options,
  context: Context,
): Promise<ExitCode> {
  const { out, model, arch } = options;
  if (arch !== undefined && model === undefined)
    throw new UsageError("--arch: expected --model with it, got none");
  const { supplyModel } = await import("../engine/storedmodel.js");
  const supplied = model === undefined ? undefined : await supplyModel(model, arch);
  const spec = options.codec ?? supplied?.codec.id;
  if (spec === undefined) throw missing("--codec", "a codec id such as best-choice:links=2");
  if (out === undefined) throw missing("--out", "the name of the container to write");
  const { openModules } = await import("../io/moduletable.js");
  const { readers } = await import("../engine/plugins.generated.js");
  const { ContainerFile } = await import("../io/container.js");
  const { packageVersion } = await import("../io/packagefiles.js");
  const { regroupSlabs } = await import("../io/regroup.js");
  const storing = await import("../engine/storing.js");
  const kernels = await context.openKernels();
  try {
    const known = supplied === undefined ? undefined : new Map([[supplied.codec.id, supplied.codec]]);
    const chosen = await storing.chooseCodec(spec, kernels, known);
    const stream = await openModules(path, readers, { ...rulesOf(options), signal: context.signal });
    const labels = stream.labels.filter(
      (label) => options.labels !== false || chosen.open.side.includes(label),
    );
    const absent = chosen.open.side.find((label) => !stream.labels.includes(label));
    if (absent !== undefined) {
      throw new UsageError(
        `${path}: ${chosen.open.label} needs labels: expected a column ${absent}, got none`,
      );
    }
    const header = {
      codec: chosen.codec.id,
      parameters: { ...chosen.parameters },
      model: supplied?.reference ?? null,
      columns: containerColumns(labels),
      writer: `wafermark ${await packageVersion()}`,
    };
    const container = await ContainerFile.create(out, header, supplied?.bytes);
    const loss = new storing.LossCounter();
    let payloadBits = 0;
    const task = context.progress.begin("compress");
    try {
      for await (const slab of regroupSlabs(stream.slabs(), labels, storing.BLOCK_ROWS)) {
        context.signal.throwIfAborted();
        const block = await storing.encodeBlock(chosen.open, slab, loss.rows);
        loss.add(slab.calq, await storing.decodeBlock(chosen.open, block, path));
        payloadBits += block.payloadBits;
        await container.append(block);
        task.advance(slab.rows);
      }
      const bytes = await container.commit();
      await report(context, {
        out,
        codec: chosen.open.label,
        rows: loss.rows,
        containerBytes: bytes,
        /** 48 float64 charges and the stored labels of each row. */
        tableBytes: 8 * loss.rows * (48 + labels.length),
        payloadBitsPerModule: loss.rows === 0 ? null : payloadBits / loss.rows,
        exactRows: loss.exactRows,
        largestError: loss.largest,
        rmsError: loss.rms ?? null,
        sumRatio: loss.sumRatio ?? null,
        labels,
        labelsLeftOut: stream.labels.filter((label) => !labels.includes(label)),
        ignoredColumns: stream.ignoredColumns,
        changed: stream.dropped(),
      });
    } finally {
      task.end();
      await container.abandon();
    }
  } finally {
    await kernels.close();
  }
  return EXIT.done;
}

function missing(option: string, what: string): UsageError {
  return new UsageError(`${option}: is missing: expected ${what}, got nothing`);
}

function rulesOf(options: Options): Omit<TableOptions, "data" | "datasets"> {
  const { distinct, unit, nonfinite, negative, round, header, dataset, format } = options;
  const rules = { distinct, unit, nonfinite, negative, round, header, dataset, format };
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));
}

interface Report {
  readonly out: string;
  readonly codec: string;
  readonly rows: number;
  readonly containerBytes: number;
  readonly tableBytes: number;
  readonly payloadBitsPerModule: number | null;
  readonly exactRows: number;
  readonly largestError: number;
  readonly rmsError: number | null;
  readonly sumRatio: number | null;
  readonly labels: readonly string[];
  readonly labelsLeftOut: readonly string[];
  readonly ignoredColumns: readonly string[];
  readonly changed: Readonly<Record<string, number>>;
}

async function report(context: Context, facts: Report): Promise<void> {
  for (const [reason, count] of Object.entries(facts.changed)) context.warn(`${count} ${reason}\n`);
  if (context.json) {
    await context.stdout(`${JSON.stringify(facts, null, 2)}\n`);
    return;
  }
  const shown = (value: number | null, digits: number): string =>
    value === null ? "n/a" : value.toFixed(digits);
  const lines = [
    `${facts.out}: ${facts.rows} modules, ${facts.codec}`,
    `bytes           ${facts.containerBytes}, everything counted (as float64: ${facts.tableBytes}, ratio ${(facts.tableBytes / facts.containerBytes).toFixed(2)})`,
    `payload         ${shown(facts.payloadBitsPerModule, 2)} bits per module`,
    `exact modules   ${facts.exactRows} of ${facts.rows}`,
    `largest error   ${facts.largestError} CALQ`,
    `rms error       ${shown(facts.rmsError, 4)} CALQ per cell`,
    `charge kept     ${shown(facts.sumRatio, 6)}`,
    `labels stored   ${facts.labels.length === 0 ? "none" : facts.labels.join(", ")}`,
  ];
  if (facts.labelsLeftOut.length > 0) lines.push(`labels left out ${facts.labelsLeftOut.join(", ")}`);
  if (facts.ignoredColumns.length > 0) lines.push(`not stored      ${facts.ignoredColumns.join(", ")}`);
  await context.stdout(`${lines.join("\n")}\n`);
}
