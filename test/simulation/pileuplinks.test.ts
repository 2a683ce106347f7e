/** The "PU driven" links: against the published list where it is at hand; its symmetry, sums and gaps everywhere. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { TRIGGER_LAYERS, triggerLayers } from "../../harness/simulation/detector.js";
import { NOT_LISTED, pileupDrivenLinks } from "../../harness/simulation/pileuplinks.js";
import { WaferLayer } from "../../harness/simulation/wafers.js";

const data = process.env["WAFERMARK_DATA"];
const list = data === undefined ? undefined : join(data, "econ/geometry/ModuleLinkSummary.csv.gz");

/** Links of all places within 14 of the beam that the layer's list has. */
function listed(layer: number): Map<string, number> {
  const found = new Map<string, number>();
  for (let u = -14; u <= 14; u++) {
    for (let v = -14; v <= 14; v++) {
      const links = pileupDrivenLinks(layer, u, v);
      if (links !== NOT_LISTED) found.set(`${u} ${v}`, links);
    }
  }
  return found;
}

describe("links by pileup", () => {
  // Modules and the sum of their links, added up from the published list.
  it.each([
    [1, 306, 906],
    [5, 306, 1212],
    [9, 306, 972],
    [13, 306, 774],
    [27, 354, 660],
  ])("of layer %i: %i modules, %i links", (layer, modules, links) => {
    const found = listed(layer);
    expect(found.size).toBe(modules);
    expect([...found.values()].reduce((sum, one) => sum + one, 0)).toBe(links);
  });

  it("are the same after a turn by 60 degrees, and fall from the beam outwards", () => {
    for (const { number } of triggerLayers(1, 28)) {
      for (let u = -14; u <= 14; u++) {
        for (let v = -14; v <= 14; v++)
          expect(pileupDrivenLinks(number, u - v, u)).toBe(pileupDrivenLinks(number, u, v));
      }
      expect(pileupDrivenLinks(number, 2, 1)).toBeGreaterThanOrEqual(pileupDrivenLinks(number, 6, 3));
    }
  });

  it("are known of every module that the sets' layers have, of none at the beam, in even layers and in CE-H", () => {
    for (const layer of triggerLayers(5, 15)) {
      for (const { u, v } of new WaferLayer(layer).wafers)
        expect(pileupDrivenLinks(layer.number, u, v)).toBeGreaterThanOrEqual(0);
    }
    expect(listed(8).size + listed(29).size + listed(50).size).toBe(0);
    expect(pileupDrivenLinks(9, 0, 0)).toBe(NOT_LISTED);
  });

  it.skipIf(list === undefined || !existsSync(list))(
    "are those of the published list, module by module (skipped: set WAFERMARK_DATA)",
    () => {
      const rows = gunzipSync(readFileSync(list as string))
        .toString()
        .trim()
        .split("\n")
        .slice(1);
      const wanted = new Map(TRIGGER_LAYERS.map(({ number }) => [number, new Map<string, number>()]));
      for (const row of rows) {
        const [layer, u, v, , links] = row.split(",").map(Number);
        wanted.get(layer)?.set(`${u} ${v}`, links);
      }
      const sorted = (map: Map<string, number> = new Map()) => [...map].sort();
      for (const { number } of triggerLayers(1, 28))
        expect(sorted(listed(number))).toEqual(sorted(wanted.get(number)));
    },
  );
});
