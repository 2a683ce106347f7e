/** Path data: where the pen goes, whatever the shortest way to write it; rounding does not add up. */
import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { Pen } from "../../reports/svg/pen.js";
import { pathPoints } from "./pathpoints.js";

describe("the pen", () => {
  it("writes relative steps, each command once", () => {
    const pen = new Pen()
      .move(10, 20)
      .line(10, 30.5)
      .line(12, 30.5)
      .line(14, 30.5)
      .line(13.5, 29)
      .line(14, 30);
    expect(pen.close().move(0, 0.25).line(1, 1).toString()).toBe(
      "M10 20v10.5h2 2l-.5-1.5 .5 1zm-10-19.7l1 .7",
    );
  });

  it("keeps a line without length", () => {
    expect(new Pen().move(1, 2).line(1, 2).toString()).toBe("M1 2h0");
  });

  it("ends every one of 2,000 random steps within half a tenth of where it should", () => {
    const random = rng(7);
    const wanted = Array.from(
      { length: 2000 },
      () => [900 * random.uniform(), 900 * random.uniform()] as const,
    );
    const pen = new Pen();
    wanted.forEach(([x, y], i) => (i % 50 === 0 ? pen.move(x, y) : pen.line(x, y)));
    const points = pathPoints(pen.toString());
    expect(points).toHaveLength(2000);
    points.forEach(([x, y], i) => {
      expect(Math.abs(x - wanted[i][0])).toBeLessThan(0.0501);
      expect(Math.abs(y - wanted[i][1])).toBeLessThan(0.0501);
    });
  });

  it("refuses what is no number", () => {
    expect(() => new Pen().move(NaN, 0)).toThrow(RangeError);
    expect(() => new Pen().move(0, 0).line(0, Infinity)).toThrow(RangeError);
  });
});
