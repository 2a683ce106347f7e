/** `wafermark export`: a trained model as the chip's register file and as Keras files. */
import { EXIT, UsageError, type ExitCode } from "../core/errors.js";
import { defineCommand, type Context } from "./context.js";
import { integer } from "./options.js";

interface ExportOptions {
  readonly registers?: string;
  readonly keras?: string;
  readonly links?: number;
}

export const command = defineCommand<ExportOptions>({
  name: "export",
  summary: "a trained model as the ECON-T's register file, or as Keras HDF5 and JSON",
  arguments: [
    {
      name: "<model>",
      says: "weights of `wafermark train`, a model file or folder, or the name of a zoo model",
    },
  ],
  options: [
    {
      flags: "--registers <file>",
      says: "YAML for the chip and `wafermark econt --config`: needs the 8x8 stride encoder, and --links",
    },
    {
      flags: "--links <n>",
      says: "output links that the registers turn on (2 to 5)",
      parse: integer("--links", 2, 5),
    },
    {
      flags: "--keras <dir>",
      says: "folder for encoder and decoder, .hdf5 weights and .json architecture each",
    },
  ],
  examples: [
    [
      "wafermark export emd-stride-ele-200pu-3 --registers init.yaml --links 3",
      "a model of the zoo as the chip holds it",
    ],
    ["wafermark export trained/emd-stride-ele-5.json --keras keras", "your own, for TensorFlow"],
  ],
  run: (context, [model], options) => exportCommand(model as string, options, context),
});

async function exportCommand(
  name: string,
  { registers, keras, links }: ExportOptions,
  context: Context,
): Promise<ExitCode> {
  if (registers === undefined && keras === undefined)
    throw new UsageError("export: expected --registers or --keras, got neither");
  if ((registers === undefined) !== (links === undefined))
    throw new UsageError("export: expected --registers and --links together, got one of them");
  const { exportKeras, exportRegisters } = await import("../engine/modelexport.js");
  const { loadNamedModel } = await import("../engine/zoo.js");
  const model = await loadNamedModel(name);
  const paths: string[] = [];
  if (registers !== undefined && links !== undefined) {
    await exportRegisters(model, links, registers);
    paths.push(registers);
  }
  if (keras !== undefined) paths.push(...(await exportKeras(model, keras)));
  if (context.json) await context.stdout(`${JSON.stringify({ files: paths }, null, 2)}\n`);
  else await context.stdout(`${paths.join("\n")}\n`);
  return EXIT.done;
}
