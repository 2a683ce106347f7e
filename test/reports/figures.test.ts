/** Figures: everything drawn is a number and lies inside the picture; nothing is told twice or lost. */
import { describe, expect, it } from "vitest";
import { YARDSTICK } from "../../harness/core/encodercost.js";
import type { Results } from "../../harness/core/results.js";
import { figureFiles } from "../../reports/figures/all.js";
import { rateDistortionFigure } from "../../reports/figures/ratedistortion.js";
import { speedFigure } from "../../reports/figures/speed.js";
import { standaloneSvg } from "../../reports/svg/figure.js";
import { spread } from "../../reports/svg/labels.js";
import { steps, seriesStyle } from "../../reports/svg/marks.js";
import { chargeStep, differenceStep } from "../../reports/svg/colorscale.js";
import { waferCells } from "../../reports/svg/wafermap.js";
import { TRIGGER_CELL_XY } from "../../harness/physics/triggercells.js";
import { drawnPoints } from "./drawnpoints.js";
import { fakeResults } from "./fakeresults.js";
import { scanMarkup } from "./markupscan.js";
import { pathPoints } from "./pathpoints.js";

const RESULTS = fakeResults();
const FILES = [...figureFiles({ ...RESULTS, datasets: RESULTS.datasets.slice(0, 2) })];

describe("figures", () => {
  it("mark encoders that no chip could hold, and leave them out of the front", () => {
    const over = { ...YARDSTICK, weightBits: YARDSTICK.weightBits + 1 };
    const marked: Results = {
      ...RESULTS,
      datasets: RESULTS.datasets.slice(0, 1),
      codecs: RESULTS.codecs.map((codec) => (codec.id === "best-choice" ? { ...codec, cost: over } : codec)),
    };
    const files = [...figureFiles(marked)].filter(({ text }) => text.includes("best-choice"));
    for (const topic of ["rate-distortion", "slices", "profile", "histogram", "wafer"]) {
      const named = files.filter(({ name }) => name.includes(topic));
      expect(named.length, topic).toBeGreaterThan(0);
      for (const { name, text } of named) expect(text, name).toContain("∞");
    }
    const frontOf = (results: Results): string | undefined =>
      rateDistortionFigure(results, results.datasets[0], "links")
        ?.body.toString()
        .match(/class="front" d="([^"]*)"/)?.[1];
    expect(frontOf({ ...marked, codecs: RESULTS.codecs })).toBeDefined();
    expect(
      frontOf({ ...marked, codecs: RESULTS.codecs.map((codec) => ({ ...codec, cost: over })) }),
    ).toBeUndefined();
  });

  it("hold finite coordinates inside their picture", () => {
    expect(FILES.length).toBeGreaterThan(200);
    let checked = 0;
    for (const { name, text } of FILES) {
      const { elements } = scanMarkup(text.trim());
      const [, , width, height] = (elements[0].attributes.get("viewBox") ?? "").split(" ").map(Number);
      for (const { element, x, y } of drawnPoints(elements)) {
        checked++;
        const inside = x >= -0.5 && x <= width + 0.5 && y >= -0.5 && y <= height + 0.5;
        expect(inside, `${name}: ${element} at ${x} ${y}`).toBe(true);
      }
      expect(text, name).not.toMatch(/NaN|Infinity|undefined|null/);
    }
    expect(checked).toBeGreaterThan(50_000);
  });

  it("carry title, dataset and the synthetic mark, and no mark for a file", () => {
    for (const { name, text } of FILES.filter(({ name }) => !name.includes("_speed_"))) {
      expect(text, name).toContain('class="syn e"');
      expect(text, name).toContain(">synthetic data<");
      expect(text, name).toMatch(/Electrons, /);
    }
    const measured = fakeResults("file");
    for (const { text } of figureFiles({ ...measured, datasets: measured.datasets.slice(0, 1) })) {
      expect(text).not.toContain("synthetic data");
    }
  });

  it("are named date_topic_network_variable, each once", () => {
    for (const { name } of FILES) expect(name).toMatch(/^2024-11-25_[a-z-]+_[a-z0-9.-]+_[a-z0-9.-]+\.svg$/);
    expect(new Set(FILES.map(({ name }) => name)).size).toBe(FILES.length);
  });

  it("survive results without spread: one value, zeros, equal bits", () => {
    const flat: Results = {
      ...RESULTS,
      quality: RESULTS.quality.map((row) => ({
        ...row,
        rate: { ...row.rate, payloadMean: 64, payloadMaximum: 64 },
        metrics: row.metrics.map((metric) => ({
          ...metric,
          summary: {
            n: 1,
            mean: 0,
            standardError: null,
            rms: null,
            median: 0,
            q16: 0,
            q84: 0,
            minimum: 0,
            maximum: 0,
          },
          profiles: metric.profiles.map((profile) => ({
            ...profile,
            bins: profile.bins
              .slice(0, 1)
              .map((bin) => ({ ...bin, n: 1, mean: 0, median: 0, q16: 0, q84: 0 })),
          })),
          histogram: metric.histogram && {
            ...metric.histogram,
            counts: metric.histogram.counts.map(() => 0),
          },
        })),
        examples: row.examples.map((example) => ({
          ...example,
          emd: null,
          original: example.original.map(() => 0),
          restored: example.restored.map(() => 0),
        })),
      })),
    };
    for (const { text, name } of figureFiles({ ...flat, datasets: flat.datasets.slice(0, 1) })) {
      expect(() => scanMarkup(text.trim()), name).not.toThrow();
      expect(text, name).not.toMatch(/NaN|Infinity/);
    }
  });

  it("draw a line for each kernel and input, a mark and a name for each thing it is compared with", () => {
    const [mid, ...others] = RESULTS.speed;
    const speed = [mid, ...others, { ...mid, baseline: "empty-call", ratio: 1e-9 }];
    const figure = speedFigure({ ...RESULTS, speed });
    const text = figure === undefined ? "" : standaloneSvg(figure);
    const count = (part: string): number => text.split(part).length - 1;
    expect([count(">emd, mid</text>"), count(">emd, dense</text>"), count(">emd, mix</text>")]).toEqual([
      1, 1, 0,
    ]);
    for (const name of ["reference", "pot-python", "memcpy"]) expect(count(`>${name}</text>`)).toBe(1);
    expect(count("empty-call")).toBe(0);
    const marks = figure?.body.toString().match(/class="dot"/g);
    expect(marks).toHaveLength(speed.filter(({ ratio }) => ratio !== null).length - 1);
    expect(
      speedFigure({ ...RESULTS, speed: speed.map((row) => ({ ...row, validated: false })) }),
    ).toBeUndefined();
  });

  it("draw rate-distortion with every codec's numbers behind it", () => {
    const figure = rateDistortionFigure(RESULTS, RESULTS.datasets[1], "whole");
    expect(figure?.table?.rows).toHaveLength(RESULTS.codecs.length);
    expect(figure && standaloneSvg(figure)).toContain(">best-choice</text>");
  });
});

describe("parts of figures", () => {
  it("spread labels at least the gap apart, in order, inside the room", () => {
    const placed = spread([50, 50, 51, 200, 10], 19, 0, 200);
    const sorted = [...placed].sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++) expect(sorted[i] - sorted[i - 1]).toBeGreaterThanOrEqual(19);
    expect(placed[4]).toBe(10);
    expect(Math.max(...placed)).toBe(200);
  });

  it("give 99 series different looks", () => {
    const looks = Array.from({ length: 99 }, (_, i) => JSON.stringify(seriesStyle(i)));
    expect(new Set(looks).size).toBe(99);
  });

  it("step through a histogram and close it at both ends", () => {
    expect(pathPoints(steps([0, 1, 2, 3], [5, 5, 2], 10))).toEqual([[0, 10], [0, 5], [2, 5], [2, 2], [3, 2], [3, 10]]); // prettier-ignore
  });

  it("colour zero apart, and the largest value with the last step", () => {
    expect([chargeStep(0.001, 100), chargeStep(25, 100), chargeStep(100, 100)]).toEqual([0, 5, 9]);
    expect([0, 0.001, 100, -100].map((value) => differenceStep(value, 100))).toEqual([0, 1, 5, -5]);
  });

  it("tile the module with 48 cells of one area that do not overlap", () => {
    const map = waferCells({ left: 0, top: 0, width: 300 }, "none", (cell) => `k${cell}`);
    const { elements } = scanMarkup(map.toString());
    const cells = elements.filter(({ attributes }) => attributes.get("class")?.startsWith("k"));
    expect(cells).toHaveLength(48);
    const transform = elements[0].attributes.get("transform") ?? "";
    const [a, b, c, d, e, f] = transform.slice("matrix(".length, -1).split(" ").map(Number);
    const polygons = cells.map(({ attributes }) =>
      pathPoints(attributes.get("d") ?? "")
        .slice(0, 4)
        .map(([u, v]): [number, number] => [a * u + c * v + e, b * u + d * v + f]),
    );
    const areas = polygons.map(area);
    const total = areas.reduce((a, b) => a + b, 0);
    for (const value of areas) expect(Math.abs(value - total / 48) / value).toBeLessThan(0.02);
    // Cells are drawn on a lattice: their middles are as far apart as the trigger cells of a third really are.
    const middles = polygons.map((corners) => [
      mean(corners.map(([x]) => x)),
      mean(corners.map(([, y]) => y)),
    ]);
    const width = 2 * Math.sqrt(3) * 4;
    for (let i = 0; i < 48; i++) {
      const first = i - (i % 16);
      const [dx, dy] = [0, 1].map(
        (axis) => TRIGGER_CELL_XY[2 * i + axis] - TRIGGER_CELL_XY[2 * first + axis],
      );
      expect(middles[i][0] - middles[first][0]).toBeCloseTo((300 / width) * dx, 1);
      expect(middles[i][1] - middles[first][1]).toBeCloseTo((-300 / width) * dy, 1);
    }
    // A regular hexagon of this width: the cells fill it, so none covers another.
    expect(total / ((2 / Math.sqrt(3)) * 0.75 * 300 * 300)).toBeCloseTo(1, 2);
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function area(points: readonly (readonly [number, number])[]): number {
  let twice = 0;
  points.forEach(([x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length];
    twice += x * nextY - nextX * y;
  });
  return Math.abs(twice) / 2;
}
