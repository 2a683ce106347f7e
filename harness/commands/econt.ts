/**
 * `wafermark econt`: the ECON-T on link words. Input words and a register file in, output words out, bit for bit.
 *
 * Everything is read and checked before anything is written. With `--compare` the words are judged against a file: exit 4 names
 * the first crossing, word, bit and field that differ. The autoencoder runs in WebAssembly, the other algorithms in JavaScript.
 */
import { DENSE_ORDERS, quantiseEncoder, WEIGHT_ROUNDINGS } from "../chip/autoencoderweights.js";
import type { DenseOrder, WeightRounding } from "../chip/autoencoderweights.js";
import { CROSSINGS_PER_ORBIT } from "../chip/bxheader.js";
import { firstDifference } from "../chip/comparewords.js";
import { OUTPUT_LINKS } from "../chip/linkwords.js";
import { fieldOfBit } from "../chip/payloadfields.js";
import type { ChipSettings } from "../chip/registers.js";
import { chargesOf, crossingOf, outputWords, type Charges } from "../chip/transmit.js";
import { hexadecimal, readInputWords, readOutputWords, writeOutputWords } from "../chip/wordfiles.js";
import type { InputWords, OutputWords } from "../chip/wordfiles.js";
import { DisagreementError, EXIT, InputError, UsageError, type ExitCode } from "../core/errors.js";
import { defineCommand, type Context } from "./context.js";
import { choice, integer } from "./options.js";

/** Below this, starting more worker threads costs more than they save. */
const ROWS_FOR_THREADS = 100_000;

interface Options {
  readonly input?: string;
  readonly config?: string;
  readonly out?: string;
  readonly compare?: string;
  readonly weights?: string;
  readonly weightRounding: WeightRounding;
  readonly denseOrder: DenseOrder;
  readonly rxFormat?: "hex" | "decimal";
  readonly firstCrossing?: number;
}

export const command = defineCommand<Options>({
  name: "econt",
  summary: "the ECON-T on link words: input words and registers to output words",
  options: [
    { flags: "--input <file>", says: "input words: twelve columns, hexadecimal or decimal; also .gz" },
    { flags: "--config <file>", says: "register file of the chip (YAML, also .gz)" },
    { flags: "-o, --out <path>", says: "write the output words here (default: stdout, unless comparing)" },
    { flags: "--compare <file>", says: "output words to judge by; exit 4 at the first difference" },
    { flags: "--weights <file>", says: "encoder in Keras HDF5 in place of the register image" },
    {
      flags: "--weight-rounding <how>",
      says: "floor, as the chip's scripts do, or nearest; with --weights",
      default: "floor",
      parse: choice("--weight-rounding", WEIGHT_ROUNDINGS),
    },
    {
      flags: "--dense-order <how>",
      says: "chip: as trained; script: unturned, as the published register files; with --weights",
      default: "chip",
      parse: choice("--dense-order", DENSE_ORDERS),
    },
    {
      flags: "--rx-format <format>",
      says: "hex: headers and 28 bits; decimal: 28 bits (default: found out)",
      parse: choice("--rx-format", ["hex", "decimal"]),
    },
    {
      flags: "--first-crossing <n>",
      says: "number of the first crossing where no header tells (default: 0; 1 with headers)",
      parse: integer("--first-crossing", 0, CROSSINGS_PER_ORBIT - 1),
    },
  ],
  examples: [
    ["wafermark econt --input RX.csv.gz --config init.yaml --out TX.csv", "what the chip sends"],
    ["wafermark econt --input RX.csv --config init.yaml --compare TX.csv", "exit 0 when all words are equal"],
  ],
  run: (context, _, options) => econt(options, context),
});

/** Runs the command: exit 0, or 4 (DisagreementError) when words differ from those of `--compare`. */
export async function econt(options: Options, context: Context): Promise<ExitCode> {
  const { input, config } = required(options);
  const { readText } = await import("../io/textfile.js");
  const { settingsOfText } = await import("./econtregisters.js");
  const read = settingsOfText(await readText(config), config);
  const settings = await withWeights(read, options);
  const inputs = readInputWords(await readText(input), input, {
    ...(options.rxFormat === undefined ? {} : { format: options.rxFormat }),
    ...(options.firstCrossing === undefined ? {} : { first: options.firstCrossing }),
  });
  const expected = await expectedWords(options.compare, inputs, input);
  refuseMissingWeights(settings, config);
  context.signal.throwIfAborted();
  const { charges, words, seconds } = await transmit(settings, inputs, context);
  if (options.out !== undefined) {
    const { writeFileAtomic } = await import("../io/atomic.js");
    await writeFileAtomic(options.out, writeOutputWords(words));
  } else if (expected === undefined && !context.json) await context.stdout(writeOutputWords(words));
  const report = {
    crossings: inputs.crossings,
    words: words.length,
    algorithm: settings.algorithm,
    links: settings.links,
    seconds,
    crossingsPerSecond: Math.round(inputs.crossings / seconds),
  };
  if (expected !== undefined) judge(settings, inputs, charges, words, expected, options);
  tell(context, report, expected !== undefined, options);
  return EXIT.done;
}

function required({ input, config, ...options }: Options): { input: string; config: string } {
  if (input === undefined || config === undefined)
    throw new UsageError(
      `econt: expected --input and --config, got ${[input && "--input", config && "--config"].filter(Boolean).join("") || "neither"}`,
      { remedy: "wafermark econt --help" },
    );
  if (options.weights === undefined && (options.weightRounding !== "floor" || options.denseOrder !== "chip"))
    throw new UsageError(
      "econt: --weight-rounding and --dense-order: expected --weights beside them, got none",
    );
  return { input, config };
}

async function withWeights(settings: ChipSettings, options: Options): Promise<ChipSettings> {
  if (options.weights === undefined) return settings;
  if (settings.autoencoder === undefined)
    throw new UsageError(
      `econt: --weights: expected a register file of the autoencoder, got ${settings.algorithm}`,
    );
  const { readEncoderFile } = await import("./econtweights.js");
  const encoder = await readEncoderFile(options.weights);
  const weights = quantiseEncoder(encoder, options.weightRounding, options.denseOrder);
  return { ...settings, autoencoder: { ...settings.autoencoder, weights } };
}

function refuseMissingWeights({ autoencoder }: ChipSettings, config: string): void {
  if (autoencoder !== undefined && autoencoder.weights === undefined)
    throw new InputError(`${config}: Encoder: expected the autoencoder's weights, got nothing`, {
      tag: "register",
      remedy: "give an encoder with --weights",
    });
}

async function expectedWords(
  path: string | undefined,
  inputs: InputWords,
  input: string,
): Promise<OutputWords | undefined> {
  if (path === undefined) return undefined;
  const { readText } = await import("../io/textfile.js");
  const expected = readOutputWords(await readText(path), path);
  if (expected.crossings !== inputs.crossings)
    throw new InputError(
      `${path}: crossings: expected ${inputs.crossings} as in ${input}, got ${expected.crossings}`,
      { tag: "rows" },
    );
  return expected;
}

async function transmit(
  settings: ChipSettings,
  inputs: InputWords,
  context: Context,
): Promise<{ charges: Charges; words: Uint32Array; seconds: number }> {
  const latentsOf = await openEncoder(settings, inputs.crossings, context);
  try {
    const start = performance.now();
    const charges = chargesOf(settings, inputs);
    const latents = await latentsOf.encode(charges.calq);
    const words = outputWords(settings, charges, inputs.numbers, latents);
    return { charges, words, seconds: (performance.now() - start) / 1000 };
  } finally {
    await latentsOf.close();
  }
}

interface OpenEncoder {
  encode(calq: Uint32Array): Promise<Uint16Array | undefined>;
  close(): Promise<void>;
}

/** The autoencoder's kernel; for other algorithms an encoder that gives nothing. */
async function openEncoder(settings: ChipSettings, rows: number, context: Context): Promise<OpenEncoder> {
  const weights = settings.autoencoder?.weights;
  if (weights === undefined)
    return { encode: () => Promise.resolve(undefined), close: () => Promise.resolve() };
  const { kernel } = await import("../kernels/econt.js");
  const kernels = await context.openKernels(rows < ROWS_FOR_THREADS ? 1 : undefined);
  return {
    async encode(calq) {
      const outputs = await kernels.call(kernel, { calq, weights: Int32Array.from(weights) }, { rows });
      return outputs.latents as Uint16Array;
    },
    close: () => kernels.close(),
  };
}

function judge(
  settings: ChipSettings,
  inputs: InputWords,
  charges: Charges,
  words: Uint32Array,
  expected: OutputWords,
  options: Options,
): void {
  const found = firstDifference(expected.words, words);
  if (found === undefined) return;
  const { row, word, bit } = found;
  const field = fieldOfBit(settings, (i) => crossingOf(charges, inputs.numbers, i), found);
  const line = `${options.compare ?? ""}: line ${expected.lines[row]}, TX_DATA_${word}`;
  throw new DisagreementError(
    `${line}: first difference at crossing ${inputs.numbers[row]} (row ${row}), word ${word}, bit ${bit}, ${field}: expected ${hexadecimal(found.expected)} of the file, got ${hexadecimal(found.got)}`,
    {
      tag: "words",
      remedy: "check that the register file belongs to the words",
      ...(options.out === undefined ? {} : { safe: `${options.out} has our words` }),
    },
  );
}

function tell(
  context: Context,
  report: {
    readonly crossings: number;
    readonly words: number;
    readonly algorithm: string;
    readonly links: number;
    readonly seconds: number;
    readonly crossingsPerSecond: number;
  },
  compared: boolean,
  options: Options,
): void {
  if (context.json) {
    void context.stdout(`${JSON.stringify({ ...report, ...(compared ? { equal: true } : {}) }, null, 2)}\n`);
  }
  const links = `${report.links} ${report.links === 1 ? "link" : "links"}`;
  context.stderr(
    `${report.crossings} crossings, ${report.algorithm}, ${links}: ${report.crossingsPerSecond} crossings/s\n`,
  );
  if (compared)
    context.stderr(`all ${report.crossings * OUTPUT_LINKS} words equal those of ${options.compare ?? ""}\n`);
  if (options.out !== undefined) context.stderr(`written to ${options.out}\n`);
}
