import { describe, expect, test } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { batchFor, clockResolution, measurePair, type Side } from "../../harness/engine/measure.js";
import { hasTrend, kendallS } from "../../harness/engine/measuretrend.js";

const OPTIONS = {
  windows: 4,
  rounds: 10,
  leastRounds: 10,
  seconds: 100,
  warmup: { leastSeconds: 0, mostSeconds: 1000 },
};

/** A side with a clock of its own: every run takes `seconds(i)` for its i-th run. */
function remote(
  seconds: (run: number) => number,
  seen: (window: number, runs: number) => void = () => undefined,
): Side {
  let run = 0;
  return {
    kind: "remote",
    run: (window, runs) => {
      seen(window, runs);
      let total = 0;
      for (let i = 0; i < runs; i++) total += seconds(run++);
      return Promise.resolve(total);
    },
  };
}

describe("measurePair", () => {
  test("keeps raw samples of both sides in order", async () => {
    const measured = await measurePair(
      remote(() => 0.01),
      remote(() => 0.021),
      OPTIONS,
    );
    expect(measured.subject).toHaveLength(20);
    expect(measured.baseline).toHaveLength(20);
    for (const seconds of measured.subject) expect(seconds).toBeCloseTo(0.01, 12);
    for (const seconds of measured.baseline) expect(seconds).toBeCloseTo(0.021, 12);
    expect(measured.saturated).toBe(false);
  });

  test("interleaves on one window per round, A B B A and B A A B by turns, and rotates the windows", async () => {
    const order: string[] = [];
    const side = (name: string): Side =>
      remote(
        () => 0.01,
        (window) => order.push(`${name}${window}`),
      );
    await measurePair(side("A"), side("B"), OPTIONS);
    const rounds = Array.from({ length: order.length / 4 }, (_, i) =>
      order.slice(4 * i, 4 * i + 4).join(" "),
    );
    expect(rounds.length).toBeGreaterThanOrEqual(15);
    rounds.forEach((round, i) => {
      const visit = Math.floor(i / 4);
      const names = (i + visit) % 2 === 0 ? ["A", "B", "B", "A"] : ["B", "A", "A", "B"];
      expect(round).toBe(names.map((name) => `${name}${i % 4}`).join(" "));
    });
  });

  test("batches short runs, steps through the windows inside a batch, and divides", async () => {
    const windows: number[] = [];
    const short: Side = {
      kind: "sync",
      run: (window) => {
        windows.push(window);
      },
    };
    const measured = await measurePair(short, short, OPTIONS);
    expect(measured.batch.subject).toBeGreaterThan(10);
    for (const seconds of measured.subject) expect(seconds).toBeLessThan(1e-4);
    // Every run is on the window after the last one, except where a new sample begins.
    const repeats = windows.filter((window, i) => i > 0 && window !== (windows[i - 1] + 1) % 4).length;
    expect(repeats).toBeLessThan(windows.length / 10);
    expect(new Set(windows)).toEqual(new Set([0, 1, 2, 3]));
  });

  test("warms up until the samples stop falling, and keeps the warm-up out of the samples", async () => {
    // Tier-up: the first 30 runs fall, then all is steady.
    const falling = remote((run) => (run < 30 ? 0.05 - run * 0.001 : 0.01));
    const measured = await measurePair(
      falling,
      remote(() => 0.01),
      OPTIONS,
    );
    expect(measured.warmup.settled).toBe(true);
    expect(measured.warmup.rounds).toBeGreaterThan(15);
    expect(Math.max(...measured.subject)).toBeCloseTo(0.01, 12);
  });

  test("says so when a side never settles", async () => {
    const rising = remote((run) => 0.01 + run * 0.001);
    const options = { ...OPTIONS, warmup: { leastSeconds: 0, mostSeconds: 5 } };
    const measured = await measurePair(
      rising,
      remote(() => 0.01),
      options,
    );
    expect(measured.warmup.settled).toBe(false);
    expect(measured.warmup.seconds).toBeGreaterThanOrEqual(5);
  });

  test("stops when its seconds are spent, but not before the least rounds", async () => {
    const slow = remote(() => 1);
    const options = { ...OPTIONS, rounds: 50, leastRounds: 3, seconds: 0.5 };
    const measured = await measurePair(slow, slow, options);
    expect(measured.subject).toHaveLength(6);
  });

  test("passes an error of a side on", async () => {
    const broken: Side = {
      kind: "sync",
      run: () => {
        throw new Error("kernel stopped");
      },
    };
    await expect(
      measurePair(
        broken,
        remote(() => 0.01),
        OPTIONS,
      ),
    ).rejects.toThrow("kernel stopped");
  });
});

describe("batchFor", () => {
  test("makes a sample at least a hundred clock steps long", () => {
    expect(batchFor(1e-4, 1e-4)).toBe(100);
    expect(batchFor(1e-3, 1e-8)).toBe(1);
    expect(batchFor(3e-6, 1e-9)).toBe(67); // the shortest sample, 0.2 ms
  });

  test("stays finite when a run is faster than the clock shows", () => {
    expect(batchFor(0, 1e-8)).toBe(1_000_000);
  });

  test("clock steps are above zero", () => {
    let ticks = 0;
    expect(clockResolution(() => Math.floor(ticks++ / 3) * 0.5)).toBeCloseTo(0.0005, 12);
    expect(clockResolution()).toBeGreaterThan(0);
  });
});

describe("hasTrend", () => {
  test("sees a fall and a rise of ten samples, not noise", () => {
    const steady = Array.from({ length: 10 }, (_, i) => 1 + 0.01 * [3, -1, 4, -1, 5, -9, 2, -6, 5, -3][i]);
    expect(hasTrend([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])).toBe(true);
    expect(hasTrend([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toBe(true);
    expect(hasTrend(steady)).toBe(false);
    expect(hasTrend(new Array<number>(10).fill(1))).toBe(false);
  });

  test("does not call three samples settled", () => {
    expect(hasTrend([1, 1, 1])).toBe(true);
  });

  test("counts pairs", () => {
    expect(kendallS([1, 2, 3])).toBe(3);
    expect(kendallS([3, 1, 2])).toBe(-1);
  });

  test("is wrong about pure noise in about 5 % of cases", () => {
    const random = rng(7);
    let wrong = 0;
    for (let i = 0; i < 2000; i++) {
      if (hasTrend(Array.from({ length: 10 }, () => random.normal()))) wrong++;
    }
    expect(wrong / 2000).toBeGreaterThan(0.02);
    expect(wrong / 2000).toBeLessThan(0.07);
  });
});
