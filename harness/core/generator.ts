/**
 * How a generator of synthetic rows is declared: any stretch of its units can be made alone, in any order, on any thread.
 *
 * A unit is what one random stream makes: a row where rows are independent, an event where an event gives several rows.
 */
import type { DatasetDomain } from "./dataset.js";
import type { Label } from "./table.js";

/** Rows of numbers, [rows, columns of the generator], and labels with one value per row. */
export interface TableChunk {
  readonly rows: number;
  readonly values: Float64Array;
  readonly labels: readonly (readonly [Label, Float64Array])[];
}

/** Whole lines of text, each ended by a line feed. */
export interface LinesChunk {
  readonly rows: number;
  readonly lines: string;
}

/** A generator with its parameters read. */
export interface OpenGenerator<Chunk> {
  /** Units [from, to) of the sequence that `seed` begins; a promise where a kernel has to be loaded first. */
  make(seed: number, from: number, to: number): Chunk | Promise<Chunk>;
}

/** Builds of the kernels that make the same bytes; "none" is their TypeScript. */
export type KernelBuild = "release" | "scalar" | "none";

interface Declaration {
  readonly name: string;
  readonly domain: DatasetDomain | "cells";
  /** Units made at a time: some hundredths of a second of work. */
  readonly unitsPerChunk: number;
}

export interface TableGenerator extends Declaration {
  readonly kind: "table";
  readonly domain: "modules" | "jets" | "cells";
  readonly columns: readonly string[];
  /** Columns and labels that hold whole numbers. */
  readonly wholeColumns?: readonly string[];
  /** Units of the columns where they differ; empty for charges. */
  readonly columnUnits: readonly string[];
  /**
   * Refuses (InputError) parameters that are not the generator's; `where` names the manifest. `build` names the compiled kernels
   * that a generator with a kernel uses: by default the fastest that runs here. All make the same bytes.
   */
  open(parameters: unknown, where: string, build?: KernelBuild): OpenGenerator<TableChunk>;
}

export interface LinesGenerator extends Declaration {
  readonly kind: "lines";
  readonly domain: "events";
  open(parameters: unknown, where: string): OpenGenerator<LinesChunk>;
}

export type Generator = TableGenerator | LinesGenerator;
