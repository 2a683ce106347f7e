/** The commands, in the order in which help lists them. One file each; add a line here for a new one. */
import type { CommandDeclaration } from "./context.js";
import { command as bench } from "./bench.js";
import { command as compress } from "./compress.js";
import { command as datasets } from "./datasets.js";
import { command as decompress } from "./decompress.js";
import { command as econt } from "./econt.js";
import { command as emd } from "./emd.js";
import { command as evaluate } from "./evaluate.js";
import { command as exportModel } from "./export.js";
import { command as info } from "./info.js";
import { command as report } from "./report.js";
import { command as run } from "./run.js";
import { command as train } from "./train.js";
import { command as validate } from "./validate.js";

export const commands: readonly CommandDeclaration[] = [
  run,
  validate,
  bench,
  emd,
  econt,
  compress,
  decompress,
  evaluate,
  train,
  exportModel,
  report,
  datasets,
  info,
];
