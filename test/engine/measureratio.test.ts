import { describe, expect, test } from "vitest";
import { rng, type Rng } from "../../harness/core/rng.js";
import { judge, judgeTwice, REMEASURE_PROCESSES } from "../../harness/engine/measuregate.js";
import {
  bootstrapMedian,
  estimateRatio,
  noiseOf,
  pairRatios,
  typicalSeconds,
  type ProcessSamples,
} from "../../harness/engine/measureratio.js";

/**
 * Samples of one process as they are on a busy two-core machine: a slow drift and load spikes that both sides share, noise of
 * each sample, and what the process itself does to one side (code and memory layout): 0.3 % typically, 4 % in one of 100.
 */
function simulate(random: Rng, process: number, slowdown: number, pairs = 60): ProcessSamples {
  const layout = random.uniform() < 0.01 ? 0.04 * random.normal() : 0.003 * random.normal();
  const drift = 0.1 * random.normal();
  const subject: number[] = [];
  const baseline: number[] = [];
  for (let i = 0; i < pairs; i++) {
    const shared = 1e-3 * (1 + (drift * i) / pairs);
    const sample = (): number =>
      shared *
      (1 + 0.02 * Math.abs(random.normal())) *
      (random.uniform() < 0.05 ? 1 + 2 * random.uniform() : 1);
    subject.push(sample() * (1 + layout) * slowdown);
    baseline.push(sample());
  }
  return { process, subject, baseline };
}

function comparison(seed: number, slowdown: number, processes = 5): readonly number[] {
  const random = rng(seed);
  const samples = Array.from({ length: processes }, (_, process) => simulate(random, process, slowdown));
  return estimateRatio(samples, seed).perProcess;
}

describe("ratio of interleaved samples", () => {
  test("is baseline over subject, median per process, median of medians", () => {
    const samples = [
      { process: 0, subject: [1, 1, 1], baseline: [2, 3, 100] },
      { process: 1, subject: [2, 2], baseline: [10, 10] },
      { process: 2, subject: [1], baseline: [4] },
    ];
    const estimate = estimateRatio(samples, 1);
    expect(estimate.perProcess).toEqual([3, 5, 4]);
    expect(estimate.ratio).toBe(4);
    expect(estimate.interval?.[0]).toBe(3);
    expect(estimate.interval?.[1]).toBe(5);
  });

  test("has no interval from one process", () => {
    expect(estimateRatio([{ process: 0, subject: [1], baseline: [2] }], 1).interval).toBeUndefined();
  });

  test("refuses samples that are not pairs", () => {
    expect(() => pairRatios({ process: 0, subject: [1, 2], baseline: [1] })).toThrow(
      /as many subject as baseline/,
    );
    expect(() => pairRatios({ process: 0, subject: [], baseline: [] })).toThrow(RangeError);
  });

  test("bootstrap: the same seed gives the same interval, another seed another one at most", () => {
    const values = Array.from({ length: 15 }, (_, i) => 1 + 0.01 * rng(3, i).normal());
    const interval = bootstrapMedian(values, 11);
    expect(bootstrapMedian(values, 11)).toEqual(interval);
    expect(interval[0]).toBeLessThan(interval[1]);
    expect(interval[0]).toBeGreaterThanOrEqual(Math.min(...values));
    expect(interval[1]).toBeLessThanOrEqual(Math.max(...values));
  });

  test("bootstrap intervals cover the truth in about 95 % of experiments", () => {
    let covered = 0;
    for (let i = 0; i < 200; i++) {
      const random = rng(1000 + i);
      const [low, high] = bootstrapMedian(
        Array.from({ length: 15 }, () => random.normal()),
        i,
      );
      if (low <= 0 && 0 <= high) covered++;
    }
    expect(covered / 200).toBeGreaterThan(0.88);
  });

  test("seconds are medians over processes, noise is the deviation from 1", () => {
    expect(typicalSeconds([[1, 2, 3], [10, 10], [4]])).toBe(4);
    const { median, worst } = noiseOf([1.01, 0.96, 1.002]);
    expect(median).toBeCloseTo(0.01, 12);
    expect(worst).toBeCloseTo(0.04, 12);
  });
});

describe("gate", () => {
  test("needs the median outside the band and all processes on one side", () => {
    expect(judge([0.95, 0.96, 0.94, 0.95, 0.99])).toBe("slower");
    expect(judge([0.95, 0.96, 0.94, 0.95, 1.01])).toBe("no change");
    expect(judge([0.98, 0.98, 0.98, 0.98, 0.98])).toBe("no change");
    expect(judge([1.05, 1.04, 1.06, 1.05, 1.05])).toBe("faster");
    expect(judge([1.029, 1.029, 1.029])).toBe("no change");
  });

  test("measures a flagged row once more with 15 processes, an unflagged one never", async () => {
    const asked: number[] = [];
    const again = (verdicts: number[]) => (processes: number) => {
      asked.push(processes);
      return Promise.resolve(verdicts);
    };
    const slow = [0.94, 0.95, 0.95, 0.95, 0.96];
    expect((await judgeTwice([1, 1, 1, 1, 1], again(slow))).verdict).toBe("no change");
    expect(asked).toEqual([]);
    expect((await judgeTwice(slow, again(slow))).verdict).toBe("slower");
    const mended = await judgeTwice(slow, again([1, 1.01, 0.99]));
    expect(mended.verdict).toBe("no change");
    expect(mended.second).toEqual([1, 1.01, 0.99]);
    expect((await judgeTwice(slow, again([1.05, 1.05]))).verdict).toBe("no change");
    expect(asked).toEqual([REMEASURE_PROCESSES, REMEASURE_PROCESSES, REMEASURE_PROCESSES]);
  });

  test("simulated A/A: at most 1 % of 200 comparisons flagged", () => {
    let flagged = 0;
    for (let i = 0; i < 200; i++) if (judge(comparison(5000 + i, 1)) !== "no change") flagged++;
    expect(flagged).toBeLessThanOrEqual(2);
  });

  test("simulated slowdowns: 5 % flagged in at least 95 of 100, 10 % in 100", () => {
    let five = 0;
    let ten = 0;
    for (let i = 0; i < 100; i++) {
      if (judge(comparison(7000 + i, 1.05)) === "slower") five++;
      if (judge(comparison(9000 + i, 1.1)) === "slower") ten++;
    }
    expect(five).toBeGreaterThanOrEqual(95);
    expect(ten).toBe(100);
  });

  test("the simulation is noisy enough that means of one process would not do", () => {
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    let wrong = 0;
    for (let i = 0; i < 200; i++) {
      const { subject, baseline } = simulate(rng(5000 + i), 0, 1);
      if (Math.abs(mean(baseline) / mean(subject) - 1) > 0.03) wrong++;
    }
    expect(wrong).toBeGreaterThan(20);
  });
});
