/** The generated list of plug-ins is that of the folders, and every plug-in's id is the name of its file. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import * as registry from "../../harness/engine/plugins.generated.js";
import { root } from "./sources.js";

describe("harness/engine/plugins.generated.ts", () => {
  it("is what scripts/plugins.mjs makes of the folders", async () => {
    const script = (await import(pathToFileURL(join(root, "scripts", "plugins.mjs")).href)) as {
      pluginSource(): string;
    };
    const present = readFileSync(join(root, "harness", "engine", "plugins.generated.ts"), "utf8");
    expect(present).toBe(script.pluginSource());
  });

  it.each(["codecs", "metrics", "kernels", "backends", "readers"] as const)(
    "names every one of the %s by its file",
    (kind) => {
      const entries = [...registry[kind]];
      expect(entries.length).toBeGreaterThan(0);
      const files = readdirSync(join(root, "harness", kind));
      for (const [stem, plugin] of entries) {
        expect(plugin.id).toBe(stem);
        expect(files).toContain(`${stem}.ts`);
      }
    },
  );

  it("has lost none of the names that users know", () => {
    // A plug-in lost by accident shows here; add the name of a new one when it is released.
    expect([...registry.metrics.keys()]).toEqual(
      expect.arrayContaining([
        "centroid-shift",
        "cross-correlation",
        "emd",
        "rms-difference",
        "second-moment-difference",
        "ssd",
        "sum-ratio",
        "zero-fraction",
      ]),
    );
    expect([...registry.codecs.keys()]).toEqual(
      expect.arrayContaining([
        "bc-stc",
        "best-choice",
        "ctc4-7",
        "identity",
        "repeater",
        "stc16-9",
        "stc4-7",
        "stc4-9",
        "threshold",
        "threshold-0",
        "threshold-1.35",
        "threshold-sum",
        "uniform",
      ]),
    );
    expect([...registry.kernels.keys()]).toEqual(expect.arrayContaining(["econt", "emd", "transport"]));
    expect([...registry.readers.keys()]).toEqual(expect.arrayContaining(["csv", "hdf5", "npy", "npz"]));
    expect(registry.datasetFiles).toEqual(
      expect.arrayContaining([
        "hgcal-electron-0pu.json",
        "hgcal-electron-200pu.json",
        "hgcal-ttbar-0pu.json",
        "hgcal-ttbar-200pu.json",
      ]),
    );
  });
});
