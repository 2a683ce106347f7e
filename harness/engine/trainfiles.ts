/**
 * The files of a training: weights (our manifest and binary), the record beside them, the learning curve as CSV.
 *
 * The weights are float32 as they were trained; the record says how to make them again.
 */
import { join } from "node:path";
import { writeFileAtomic } from "../io/atomic.js";
import { sha256 } from "../io/hash.js";
import type { ImportedPart } from "../models/imported.js";
import { writeModel } from "../models/ownmanifest.js";
import type { EpochRecord } from "./traincheckpoint.js";

/** Columns: epoch, learning rate, loss (empty before the first epoch), validation loss, mean EMD of validation. */
export function curveCsv(curve: readonly EpochRecord[]): string {
  const cell = (value: number | null): string => (value === null ? "" : String(value));
  const lines = curve.map((one) =>
    [one.epoch, one.learningRate, one.loss, one.validationLoss, one.validationEmd].map(cell).join(","),
  );
  return `epoch,learning_rate,loss,validation_loss,validation_emd\n${lines.map((line) => `${line}\n`).join("")}`;
}

export interface TrainedModel {
  readonly encoder: ImportedPart;
  readonly decoder: ImportedPart;
}

/** Writes `<name>.json` and `<name>.bin` into `folder`; answers with their paths. */
export async function writeTrained(
  folder: string,
  name: string,
  parts: TrainedModel,
  source: string,
  training: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> {
  const { manifest, binary } = writeModel(
    { ...parts },
    {
      source,
      normalisation: "sum-top-bit",
      hash: sha256,
      dtype: "<f4",
      training,
    },
  );
  const [json, bin] = [join(folder, `${name}.json`), join(folder, `${name}.bin`)];
  // The manifest holds the binary's hash, so it comes last: a pair that does not belong together is refused.
  await writeFileAtomic(bin, binary);
  await writeFileAtomic(json, `${JSON.stringify(manifest, null, 1)}\n`);
  return [json, bin];
}
