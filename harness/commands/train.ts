/**
 * `wafermark train`: trains an autoencoder of modules and writes its weights, its learning curve and how to make it again.
 *
 * Heavy parts are in engine/train*.ts. The folder holds checkpoint.wmt after every epoch, so a training that was stopped goes on
 * with `--resume` and ends with the same bits.
 */
import { join } from "node:path";
import { EXIT, InputError, isHarnessError, UsageError, type ExitCode } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import type { ModuleTable } from "../core/table.js";
import type { EmdCnnLoss } from "../engine/emdcnnloss.js";
import type { Loss, TrainJob } from "../engine/train.js";
import type { Recipe } from "../engine/trainrecipes.js";
import type { EpochRecord } from "../engine/traincheckpoint.js";
import type { TrainedModel } from "../engine/trainfiles.js";
import type { PreparedTraining, TrainRequest } from "../engine/trainrun.js";
import type { VersionDistances } from "../engine/trainversions.js";
import type { TargetRule } from "../models/trainrules.js";
import { defineCommand, type Context, type OpenKernels } from "./context.js";
import { making } from "./datasetsmake.js";
import type { rulesOf } from "./runtables.js";
import { loopOf, refuseEmdCnn, TRAIN_OPTIONS, variantOf, type TrainOptions } from "./trainoptions.js";

const CHECKPOINT = "checkpoint.wmt";

export const command = defineCommand<TrainOptions>({
  name: "train",
  summary: "train an autoencoder of modules: weights, learning curve, and the command that makes them again",
  options: TRAIN_OPTIONS,
  examples: [
    [
      "wafermark train --recipe tele-stride-ttbar --links 3",
      "AE Tele Stride ttbar at 200 pileup, for three links",
    ],
    ["wafermark train --recipe emd-stride-ele --links 5 --out emd5", "the exact EMD as loss"],
    ["wafermark train --recipe emd-stride-ele --links 5 --out emd5 --resume", "goes on where it was stopped"],
    [
      "wafermark train --recipe tele-stride-ele --links 4 --versions",
      "and what quantisation costs: float, after training, trained for it, the chip",
    ],
    [
      "wafermark train --recipe emd-cnn-stride-ttbar --links 2 --emd-cnn pair_mse.json",
      "the published trainings' loss, with weights that are not part of wafermark",
    ],
    [
      "wafermark train --data modules.csv.gz --loss mse --variant calq",
      "your own modules, nothing quantised",
    ],
  ],
  run: (context, _, options) => trainCommand(options, context),
});

/** What is trained and where it goes. */
interface Plan {
  readonly recipe: Recipe | undefined;
  readonly loss: Loss;
  readonly name: string;
  readonly folder: string;
  readonly rule: TargetRule;
  readonly reweight: boolean;
}

async function planOf(options: TrainOptions): Promise<Plan> {
  const { recipeOf } = await import("../engine/trainrecipes.js");
  const { trainableModel } = await import("../models/trainnetwork.js");
  const { defaultRunFolder } = await import("../io/runfolder.js");
  if (options.model !== undefined) trainableModel(options.model); // refuses before anything long begins
  const recipe = options.recipe === undefined ? undefined : recipeOf(options.recipe);
  if (recipe === undefined && options.data === undefined)
    throw new UsageError("train: what to train on: expected --recipe or --data, got neither", {
      remedy: "wafermark train --recipe emd-stride-ele --links 3",
    });
  const loss = options.loss ?? recipe?.loss ?? "telescope";
  refuseEmdCnn(options, loss);
  if (options.resume === true && options.out === undefined)
    throw new UsageError("--resume: expected --out with the folder of the training, got none");
  if (options.versions === true && options.links === undefined)
    throw new UsageError("--versions: expected --links, for whose bits they are compared, got none");
  if (options.chipEpochs !== undefined && options.links === undefined)
    throw new UsageError("--chip-epochs: expected --links, for whose latents the decoder is tuned, got none");
  if (options.condition !== undefined && options.links === undefined)
    throw new UsageError("--condition: expected --links, whose latents its decoder is for, got none");
  if (options.name !== undefined && !/^[a-z0-9][a-z0-9.-]{0,55}$/.test(options.name))
    throw new UsageError(
      `--name: expected lower-case letters, digits, dots and hyphens, got ${options.name}`,
    );
  const name = options.name ?? (await usualName(options, recipe));
  const { rule, reweight } = variantOf(options.variant ?? (recipe === undefined ? [] : [recipe.variant]));
  return {
    recipe,
    loss,
    name,
    folder: options.out ?? defaultRunFolder("train", new Date()),
    rule,
    reweight: reweight || (options.variant === undefined && recipe?.reweight === true),
  };
}

/** Recipe or model, what departs from it, and the links. */
async function usualName(options: TrainOptions, recipe: Recipe | undefined): Promise<string> {
  const { idFromPath } = await import("../io/moduletable.js");
  const { model, loss, data, variant, pileup, links } = options;
  const departures = [
    ...(model === undefined ? [] : [model.replace(/^autoencoder-/, "")]),
    ...(loss === undefined ? [] : [loss]),
    ...(variant ?? []),
    ...(data === undefined ? [] : [idFromPath(data)]),
  ];
  const parts = [
    ...(recipe === undefined ? [model ?? "autoencoder-8x8-stride"] : [recipe.id, ...departures]),
    ...(pileup === undefined ? [] : [`${pileup}pu`]),
    ...(links === undefined ? [] : [links]),
  ];
  return parts.join("-").toLowerCase();
}

/** A training that is in the folder is neither begun again over nor looked for in vain. */
async function refuseCheckpoint(folder: string, resume: boolean): Promise<void> {
  const { isThere } = await import("../io/folders.js");
  if (await isThere(join(folder, CHECKPOINT))) {
    if (resume) return;
    throw new UsageError(`${folder}: a training is there: expected --resume or another --out, got neither`, {
      safe: "it is as it was",
    });
  }
  if (!resume) return;
  throw new InputError(`${folder}: no training to resume: expected ${CHECKPOINT}, got none`, {
    tag: "missing",
    remedy: "the --out of the training that was stopped",
  });
}

/** The embedded dataset of that id, or the file. */
async function loadTable(
  options: TrainOptions,
  rules: ReturnType<typeof rulesOf>,
  recipe: Recipe | undefined,
  context: Context,
): Promise<ModuleTable> {
  const { datasetIds, makeDataset } = await import("../engine/datasets.js");
  const { signal } = context;
  const data = options.data ?? `hgcal-${recipe?.sample ?? "electron"}-${options.pileup ?? 200}pu`;
  if (datasetIds.includes(data))
    return makeDataset(data, options.size ?? "full", {
      ...(await making(context)),
      distinct: rules.distinct ?? false,
    });
  if (options.data === undefined)
    throw new UsageError(`--pileup: expected 0 or 200, got ${options.pileup ?? 200}`);
  if (options.size !== undefined)
    throw new UsageError("--size: expected with an embedded dataset, got a file; --rows takes a part of it");
  const { readModules } = await import("../io/moduletable.js");
  const { readers } = await import("../engine/plugins.generated.js");
  try {
    return await readModules(data, readers, { ...rules, signal });
  } catch (error) {
    const near = nearestNames(data, datasetIds);
    if (!isHarnessError(error) || error.tag !== "missing" || near.length === 0) throw error;
    throw new InputError(error.message, { tag: error.tag, remedy: `did you mean ${near.join(" or ")}?` });
  }
}

/** The network of --emd-cnn; loaded first, so that a wrong file is refused before anything long begins. */
async function loadEmdCnn(path: string): Promise<EmdCnnLoss> {
  const { loadModel } = await import("../engine/models.js");
  const { EmdCnnLoss } = await import("../engine/emdcnnloss.js");
  return new EmdCnnLoss(await loadModel(path));
}

function requestOf(
  options: TrainOptions,
  plan: Plan,
  emdCnn: EmdCnnLoss | undefined,
  table: ModuleTable,
  context: Context,
) {
  return {
    model: options.model ?? plan.recipe?.model ?? "autoencoder-8x8-stride",
    table,
    rule: plan.rule,
    reweight: plan.reweight,
    links: options.links,
    order: options.order,
    ...(emdCnn === undefined ? {} : { emdCnn }),
    loop: loopOf(options, plan.loss, context),
    rows: options.rows,
    resume: options.resume ?? false,
  } satisfies TrainRequest;
}

/** Runs the command; exit 4 (DisagreementError) when the loss diverged. */
async function trainCommand(options: TrainOptions, context: Context): Promise<ExitCode> {
  const plan = await planOf(options);
  const { acquireLock } = await import("../io/lock.js");
  const { fileStore } = await import("../engine/traincheckpoint.js");
  const store = fileStore(join(plan.folder, CHECKPOINT));
  await refuseCheckpoint(plan.folder, options.resume === true);
  const emdCnn = options.emdCnn === undefined ? undefined : await loadEmdCnn(options.emdCnn);
  const { rulesOf } = await import("./runtables.js");
  const reading = rulesOf(options);
  const table = await loadTable(options, reading, plan.recipe, context);
  const { prepareTraining } = await import("../engine/trainrun.js");

  const request = { ...requestOf(options, plan, emdCnn, table, context), reading };
  const prepared = prepareTraining({ ...request, store });
  if (options.condition !== undefined) {
    const { refuseUntellable } = await import("../engine/traincondition.js");
    refuseUntellable(prepared.model.encoder, table);
  }
  const float =
    options.versions === true
      ? prepareTraining({ ...request, links: undefined, resume: false }).job
      : undefined;
  const lock = await acquireLock(plan.folder);
  const kernels = await context.openKernels();
  try {
    const paths = await new Session(context, kernels, plan, table, prepared, float, options).run();
    if (context.json) await context.stdout(`${JSON.stringify({ files: paths }, null, 2)}\n`);
    else await context.stdout(`${paths.join("\n")}\n`);
    return EXIT.done;
  } catch (error) {
    if (context.signal.aborted)
      context.warn(`stopped: --resume --out ${plan.folder} goes on from the last epoch\n`);
    throw error;
  } finally {
    await kernels.close();
    await lock.release();
  }
}

/** Options that change no weight, each with whether it has a value. */
const UNRECORDED: ReadonlyMap<string, boolean> = new Map([
  ["--out", true],
  ["-o", true],
  ["--threads", true],
  ["--name", true],
  ["--resume", false],
  ["--quiet", false],
  ["--json", false],
  ["--json-errors", false],
]);

/** The command that makes the same weights anywhere: without folders, names and threads. */
function commandOf(argv: readonly string[]): string {
  const kept = argv.filter((word, i) => {
    const before = i > 0 ? argv[i - 1] : "";
    return !UNRECORDED.has(word.split("=")[0]) && UNRECORDED.get(before) !== true;
  });
  return ["wafermark", ...kept].join(" ");
}

const shownEmd = (emd: number | null): string => emd?.toFixed(4) ?? "n/a";

class Session {
  constructor(
    private readonly context: Context,
    private readonly kernels: OpenKernels,
    private readonly plan: Plan,
    private readonly table: ModuleTable,
    private readonly prepared: PreparedTraining,
    /** The same training without quantisation, when versions are compared. */
    private readonly float: TrainJob | undefined,
    private readonly options: TrainOptions,
  ) {}

  async run(): Promise<readonly string[]> {
    const { train } = await import("../engine/train.js");
    const { trainedParts } = await import("../engine/trainrun.js");
    const { job, record } = this.prepared;
    this.context.stderr(
      `${record.trainingRows} rows to train on, ${record.validationRows} to validate (${record.variantSays})\n`,
    );
    const begun = performance.now();
    const trained = await train(job, this.#host());
    const fitted = await this.#fitToChip(trainedParts(this.prepared, trained.parameters));
    const told = await this.#condition(fitted.parts);
    const versions = await this.#versions(trained.parameters, fitted.parts);
    const seconds = (performance.now() - begun) / 1000;
    const training = {
      command: commandOf(this.context.argv),
      ...record,
      bestEpoch: trained.bestEpoch,
      endedBy: trained.endedBy,
      validationLoss: trained.curve[trained.bestEpoch].validationLoss,
      validationEmd: trained.curve[trained.bestEpoch].validationEmd,
      ...fitted.record,
      ...told.record,
      ...(versions === undefined ? {} : { versions }),
    };
    const onChip = fitted.chipEmd === undefined ? "" : `, in the chip's integers ${shownEmd(fitted.chipEmd)}`;
    this.context.stderr(
      `best epoch ${trained.bestEpoch} of ${trained.curve.length - 1}, validation EMD ${shownEmd(training.validationEmd)}${onChip}, ${seconds.toFixed(0)} s\n`,
    );
    return this.#write(told.parts, training, trained);
  }

  #host() {
    const { progress, signal } = this.context;
    return {
      kernels: this.kernels,
      progress,
      signal,
      clock: () => performance.now() / 1000,
      onEpoch: ({ epoch, loss, validationLoss, validationEmd }: EpochRecord) => {
        this.context.stderr(
          `epoch ${epoch}: loss ${loss?.toPrecision(5) ?? "-"}, validation ${validationLoss.toPrecision(5)}, EMD ${validationEmd?.toFixed(4) ?? "-"}\n`,
        );
      },
    };
  }

  /** With --links on the chip's architecture: biases and decoder fitted to the chip's arithmetic. */
  async #fitToChip(parts: TrainedModel) {
    const { fitToChip } = await import("../engine/trainchip.js");
    const { fitsChip } = await import("../codecs/aechip.js");
    const { loop } = this.prepared.record;
    const epochs = this.options.chipEpochs ?? Math.ceil(loop.epochs / 4);
    const { links } = this.options;
    if (links === undefined || epochs === 0 || !fitsChip(parts.encoder.plan.network))
      return { parts, record: {}, chipEmd: undefined };
    this.context.stderr("the decoder on the latents of the chip's integer encoder:\n");
    const fitted = await fitToChip(parts, this.prepared, epochs, links, this.#host());
    return { ...fitted, chipEmd: fitted.validationEmd };
  }

  /** With --condition: a decoder that is told what is known of a module off the detector. */
  async #condition(parts: TrainedModel) {
    const { condition: epochs, links } = this.options;
    if (epochs === undefined || links === undefined) return { parts, record: {} };
    const { conditionDecoder } = await import("../engine/traincondition.js");
    const { labels } = this.table;
    return conditionDecoder(parts, this.prepared, { epochs, links, labels }, this.#host());
  }

  async #versions(quantised: Float32Array, fitted: TrainedModel): Promise<VersionDistances | undefined> {
    const { links } = this.options;
    if (this.float === undefined || links === undefined) return undefined;
    const { train } = await import("../engine/train.js");
    const { compareVersions, versionsText } = await import("../engine/trainversions.js");
    this.context.stderr("the same training without quantisation, to compare with:\n");
    const { parameters } = await train(this.float, this.#host());
    const versions = { links, float: parameters, quantised, fitted };
    const found = await compareVersions(versions, this.prepared, this.#host());
    this.context.stderr(`mean EMD of the validation rows, ${links} links\n${versionsText(found)}`);
    return found;
  }

  async #write(
    parts: TrainedModel,
    training: Readonly<Record<string, unknown>>,
    { curve, bestEpoch }: { readonly curve: readonly EpochRecord[]; readonly bestEpoch: number },
  ): Promise<readonly string[]> {
    const { curveCsv, writeTrained } = await import("../engine/trainfiles.js");
    const { writeFileAtomic } = await import("../io/atomic.js");
    const { learningCurve } = await import("../../reports/figures/learningcurve.js");
    const { standaloneSvg } = await import("../../reports/svg/figure.js");
    const { folder, name } = this.plan;
    const { packageVersion } = await import("../io/packagefiles.js");
    const source = `trained by wafermark ${await packageVersion()} on ${this.table.id}`;
    const weights = await writeTrained(folder, name, parts, source, training);
    const { loss } = this.prepared.record.loop;
    const figure = learningCurve(curve, {
      name,
      loss: loss === "emd" ? "mean EMD [cell]" : `${loss} loss`,
      dataset: this.table.id,
      synthetic: this.table.provenance.kind === "synthetic",
      date: new Date().toISOString().slice(0, 10),
      bestEpoch,
    });
    const [csv, svg] = [join(folder, `${name}.curve.csv`), join(folder, figure.file)];
    await writeFileAtomic(csv, curveCsv(curve));
    await writeFileAtomic(svg, standaloneSvg(figure));
    return [...weights, csv, svg];
  }
}
