/** Names to codecs: variants, defaults, and refusals that help. */
import { describe, expect, it } from "vitest";
import { planCodecs, planDefaultCodecs, planSettings } from "../../harness/engine/plan.js";
import { SETTINGS } from "../../harness/core/settings.js";
import { codecs } from "../../harness/engine/plugins.generated.js";
import { loadZoo } from "../../harness/engine/zoo.js";
import { FITTED_TRAINING } from "../../harness/engine/zoocodecs.js";
import { findSuite, SUITE_NAMES } from "../../harness/engine/suites.js";

const labels = (planned: ReturnType<typeof planCodecs>): string[] => planned.map(({ label }) => label);

describe("planCodecs(lists)", () => {
  it("runs a codec at every link count it has when none is given, and at one when it is", () => {
    expect(labels(planCodecs(["stc4-9"]))).toEqual([1, 2, 3, 4, 5].map((n) => `stc4-9:links=${n}`));
    expect(labels(planCodecs(["best-choice:links=2,drop=3"]))).toEqual(["best-choice:links=2,drop=3"]);
  });

  it("takes several in one list or in several, each label once", () => {
    expect(labels(planCodecs(["uniform,best-choice:links=2", "uniform"]))).toEqual([
      "uniform",
      "best-choice:links=2",
    ]);
  });

  it.each([
    ["best-choise", "best-choice"],
    ["stc4-8", "stc4-9"],
  ])("refuses %s and offers %s (exit 2)", (typed, meant) => {
    expect(() => planCodecs([typed])).toThrow(
      expect.objectContaining({ exitCode: 2, remedy: expect.stringContaining(meant) as string }) as Error,
    );
  });

  it("refuses an empty selection (exit 2)", () => {
    expect(() => planCodecs(["", ","])).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
  });
});

describe("planDefaultCodecs(links)", () => {
  it("visits 2 to 5 links, and codecs without links or outside that range once", () => {
    const usual = planDefaultCodecs("usual");
    const links = usual
      .map(({ parameters }) => parameters.links)
      .filter((n): n is number => typeof n === "number");
    expect(links.every((n) => (n >= 2 && n <= 5) || n === 11)).toBe(true);
    const ids = new Set(usual.map(({ codec }) => codec.id));
    for (const codec of codecs.values())
      expect(ids.has(codec.id)).toBe(codec.variants().length > 0 && codec.onlyNamed !== true);
  });

  it("visits every variant of every codec in the full suite", () => {
    const count = [...codecs.values()].reduce((sum, codec) => sum + codec.variants().length, 0);
    expect(planDefaultCodecs("all")).toHaveLength(count);
  });
});

describe("planSettings(training, known)", () => {
  it("is that autoencoder in every setting at two links, nothing where it is not known", async () => {
    const known = await loadZoo();
    expect(labels(planSettings(FITTED_TRAINING, known))).toEqual(
      SETTINGS.map(({ text }) => `ae-${FITTED_TRAINING}:links=2,${text}`),
    );
    expect(planSettings("none", known)).toEqual([]);
  });
});

describe("findSuite(name)", () => {
  it("knows its suites and offers the nearest for others (exit 2)", () => {
    for (const name of SUITE_NAMES) expect(findSuite(name).name).toBe(name);
    expect(() => findSuite("standart")).toThrow(
      expect.objectContaining({ exitCode: 2, remedy: "did you mean standard?" }) as Error,
    );
  });
});
