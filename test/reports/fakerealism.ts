/** A made-up realism record, for tests of pages: the numbers are no measurements. */
import type { RealismEntry } from "../../harness/core/realism.js";

const goal = (reached: boolean) => ({ limit: 0.1, reached });

function distribution(id: string, ks: number, real: number[] | null) {
  return {
    id,
    title: `title of ${id}`,
    unit: "cells",
    syntheticCount: 100,
    realCount: 100,
    ks,
    emd: 0.5,
    histogramEmd: 1,
    goal: id === "spectrum" ? null : goal(ks <= 0.1),
    histogram: { low: 0, high: 4, synthetic: [0, 0.75, 0.25, 0], real },
  };
}

/** `real` false: as a committed record is, without the shares of the real rows. */
export function fakeRealism(dataset: string, real: boolean): RealismEntry {
  const shares = real ? [0, 0.5, 0.375, 0.125] : null;
  const side = {
    id: dataset,
    name: "rows.csv",
    sha256: "a".repeat(64),
    selection: "all",
    rows: 100,
    distinct: 90,
  };
  return {
    dataset,
    source: real ? "run" : "recorded",
    date: "2026-11-29",
    command: `wafermark datasets check ${dataset}`,
    record: {
      realismVersion: 1,
      synthetic: side,
      real: { ...side, kind: "file" },
      distributions: [
        distribution("cells-above-0", 0.0625, shares),
        distribution("cells-above-35", 0.03125, shares),
        distribution("log10-sum", 0.125, shares),
        distribution("log10-maximum", 0.25, shares),
        distribution("spectrum", 0.5, shares),
      ],
      neighbours: { synthetic: 2.25, real: 2.125, goal: goal(false) },
      slices: [
        {
          codec: "stc4-9:links=5",
          low: 2,
          high: 5,
          syntheticRows: 50,
          realRows: 300,
          synthetic: 0.375,
          real: 0.5,
          goal: goal(false),
        },
        {
          codec: "stc4-9:links=5",
          low: 15,
          high: 49,
          syntheticRows: 0,
          realRows: 3,
          synthetic: null,
          real: 1.5,
          goal: null,
        },
      ],
      classifier: {
        method: "80 boosted trees",
        features: ["rms radius"],
        folds: 5,
        syntheticRows: 100,
        realRows: 100,
        auc: 0.8125,
        aucError: 0.0625,
        goal: { limit: 0.7, reached: false },
        giveaways: [{ feature: "rms radius", share: 0.75, auc: 0.6875 }],
        roc: [
          { falsePositive: 0, truePositive: 0 },
          { falsePositive: 0.25, truePositive: 0.75 },
          { falsePositive: 1, truePositive: 1 },
        ],
      },
      physics: [
        {
          id: "linearity",
          title: "response at 100 GeV",
          unit: "",
          value: 1.015625,
          low: 0.98,
          high: 1.02,
          reached: true,
        },
      ],
    },
  };
}
