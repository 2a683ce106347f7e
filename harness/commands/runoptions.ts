/** Options that say which tables a command works on and how their files are read. */
import type { OptionDeclaration } from "./context.js";
import { choice, list, repeated } from "./options.js";

export interface TableOptions {
  readonly data?: readonly string[];
  readonly datasets?: readonly string[];
  readonly distinct?: boolean;
  readonly unit?: "calq" | "mipt";
  readonly nonfinite?: "refuse" | "drop";
  readonly negative?: "refuse" | "zero";
  readonly round?: boolean;
  readonly header?: boolean;
  readonly dataset?: string;
  readonly format?: string;
}

export const TABLE_OPTIONS: readonly OptionDeclaration[] = [
  {
    flags: "--data <file>",
    says: "a file of your own (CSV, HDF5, npy, npz; also .gz); may be repeated",
    parse: repeated(),
  },
  {
    flags: "--datasets <ids>",
    says: "embedded datasets, comma separated (default: the usual ones, all in the full suite, none with --data)",
    parse: list(),
  },
  { flags: "--distinct", says: "keep only the first of identical rows" },
  {
    flags: "--unit <unit>",
    says: "unit of the files' charges: calq or mipt",
    parse: choice("--unit", ["calq", "mipt"]),
  },
  {
    flags: "--nonfinite <what>",
    says: "rows with NaN or infinities: refuse or drop",
    parse: choice("--nonfinite", ["refuse", "drop"]),
  },
  {
    flags: "--negative <what>",
    says: "negative charges: refuse or zero",
    parse: choice("--negative", ["refuse", "zero"]),
  },
  { flags: "--round", says: "round fractions of a count (chip codecs take whole counts only)" },
  { flags: "--header", says: "the first line of the CSV is a header" },
  { flags: "--no-header", says: "the CSV has no header" },
  { flags: "--dataset <path>", says: "dataset inside an HDF5 file, or array name in an npz" },
  { flags: "--format <id>", says: "file format, when the name does not tell" },
];
