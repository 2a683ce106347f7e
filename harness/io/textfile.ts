/** Whole text files in: size checked against the budget, gzip unpacked, strict UTF-8. */
import { InputError } from "../core/errors.js";
import { defaultLimits } from "./limits.js";
import { openSource } from "./source.js";

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(`${path}: not a text file: expected UTF-8, got other bytes`, {
      tag: "encoding",
      cause,
    });
  }
}

/** Text of a file; refuses (InputError) what cannot be read, is empty or is not UTF-8. */
export async function readText(path: string): Promise<string> {
  return decode(await (await openSource(path, defaultLimits())).bytes(), path);
}

/** The same for a file whose last line may have been cut off anywhere, also inside a character. */
export async function readCutText(path: string): Promise<string> {
  const bytes = await (await openSource(path, defaultLimits())).bytes();
  const whole = bytes.lastIndexOf(0x0a) + 1;
  return decode(bytes.subarray(0, whole), path) + new TextDecoder().decode(bytes.subarray(whole));
}
