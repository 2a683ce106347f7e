/**
 * Tensors of a training program in working memory: with a border of zeros or without, seen in one shape or another, and the
 * fields by which a step finds them.
 */
import type { Convolution } from "./convolutiongeometry.js";
import { FLOAT, PANEL, edges } from "./networksteps.js";
import type { TrainingStage } from "./trainingstages.js";
import type { TrainingStep } from "./trainingsteps.js";

/** A picture of `shape` [lines, pixels, channels] in working memory; `at` -1 is the input. */
export interface View {
  readonly at: number;
  readonly inside: number;
  readonly row: number;
  readonly line: number;
  readonly shape: readonly [number, number, number];
  readonly isBordered: boolean;
}

/** A stage's result: as it was written, and as the next stage reads it. */
export interface Values {
  readonly written: View;
  readonly read: View;
}

export const convolutionOf = ({ planned: { layer } }: TrainingStage): Convolution | undefined =>
  layer.kind === "conv2d" || layer.kind === "conv2d-transpose" ? layer : undefined;

/** The layer that a convolution's slopes go through: the other kind, with channels for filters. */
export function adjoint(layer: Convolution, channels: number): Convolution {
  const kind = layer.kind === "conv2d" ? "conv2d-transpose" : "conv2d";
  return { ...layer, kind, filters: channels, activation: "linear" };
}

export const fromView = (view: View): TrainingStep => ({
  from: view.at,
  fromInside: view.inside,
  fromRow: view.row,
  fromLine: view.line,
});
export const toView = (view: View): TrainingStep => ({
  to: view.at,
  toInside: view.inside,
  toRow: view.row,
  toLine: view.line,
});
export const otherView = (view: View): TrainingStep => ({
  other: view.at,
  otherInside: view.inside,
  otherRow: view.row,
  otherLine: view.line,
});

/** Can a stage whose result has `shape` write `view` line by line? Dense layers write whole panels. */
export function canWrite(view: View, shape: readonly number[], isDense: boolean): boolean {
  if (!view.isBordered) return true;
  if (isDense) return (view.shape[1] * view.shape[2]) % PANEL === 0;
  return edges(shape).every((edge, i) => edge === view.shape[i]);
}

/** The same values as lines of `like`: only pictures without a border can be seen in another shape. */
export function seenAs(view: View, like: View): View {
  if (view.isBordered || !like.isBordered) return view;
  const line = like.shape[1] * like.shape[2] * FLOAT;
  return { ...view, line, shape: like.shape };
}

/** A picture without border as its writer sees it; one with a border has the same shape for all. */
export function inShape(view: View, shape: readonly number[]): View {
  if (view.isBordered) return view;
  const [height, width, channels] = edges(shape);
  return { ...view, line: width * channels * FLOAT, shape: [height, width, channels] };
}
