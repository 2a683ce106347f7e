/** The datasets of events: the committed hashes, the cuts of the published files, and what tells the processes apart. */
import { describe, expect, it } from "vitest";
import { eventLine, parseEventLine, type CollisionEvent } from "../../harness/core/eventtext.js";
import { readManifest, sourceOf } from "../../harness/engine/datasets.js";
import { streamChunks } from "../../harness/engine/datasetstream.js";
import { Sha256 } from "../../harness/io/hash.js";
import { PROCESSES } from "../../harness/simulation/jets/processes.js";

async function linesOf(id: string, threads: number): Promise<string> {
  const manifest = await readManifest(id);
  const parts: string[] = [];
  for await (const chunk of streamChunks(sourceOf(manifest), { threads, units: manifest.sizes.smoke }))
    if ("lines" in chunk) parts.push(chunk.lines);
  return parts.join("");
}

const eventsOf = async (process: string): Promise<CollisionEvent[]> =>
  (await linesOf(`pheno-${process}`, 1)).split("\n").slice(0, -1).map(parseEventLine);

const mean = (events: readonly CollisionEvent[], of: (event: CollisionEvent) => number): number =>
  events.reduce((sum, event) => sum + of(event), 0) / events.length;

const counting =
  (...codes: readonly string[]) =>
  ({ objects }: CollisionEvent): number =>
    objects.filter(({ code }) => codes.includes(code)).length;

describe.each(PROCESSES)("events of %s", (process) => {
  it("make the bytes of their committed hash, from one thread and from two", async () => {
    const { sha256 } = await readManifest(`pheno-${process}`);
    for (const threads of [1, 2]) {
      const hash = new Sha256();
      hash.update(new TextEncoder().encode(await linesOf(`pheno-${process}`, threads)));
      expect(hash.digest()).toBe(sha256["smoke"]);
    }
  });

  it("are lines that come back byte for byte, within the published cuts", async () => {
    const text = await linesOf(`pheno-${process}`, 1);
    const events = text.split("\n").slice(0, -1).map(parseEventLine);
    expect(`${events.map(eventLine).join("\n")}\n`).toBe(text);
    for (const [i, event] of events.entries()) {
      expect([event.id, event.process]).toEqual([String(i), process]);
      for (const { code, energy, pt, eta, phi } of event.objects) {
        const isJet = code === "j" || code === "b";
        expect(pt).toBeGreaterThanOrEqual(isJet || code === "g" ? 20_000 : 15_000);
        expect(Math.abs(eta)).toBeLessThanOrEqual(isJet ? 2.8 : code === "g" ? 2.37 : 2.7);
        expect(energy).toBeGreaterThanOrEqual(pt);
        // An object without mass has E = pT cosh eta; six digits of each.
        expect(energy / (pt * Math.cosh(eta))).toBeGreaterThan(1 - 1e-4);
        expect(Math.abs(phi)).toBeLessThanOrEqual(3.1416);
      }
      const jets = event.objects.filter(({ code }) => code === "j" || code === "b");
      if (process === "njets") expect(jets.reduce((sum, { pt }) => sum + pt, 0)).toBeGreaterThan(599_000);
    }
  });
});

describe("processes", () => {
  it("differ as their decays do", async () => {
    const [njets, ttbar, atop, gluino] = await Promise.all(PROCESSES.map(eventsOf));
    const bottoms = counting("b");
    expect(mean(njets, counting("e-", "e+", "m-", "m+", "g"))).toBe(0);
    expect(mean(njets, bottoms)).toBeLessThan(0.1);
    expect(mean(ttbar, bottoms)).toBeGreaterThan(1.1);
    expect(mean(gluino, bottoms)).toBeGreaterThan(2);
    expect(mean(atop, counting("g"))).toBeGreaterThan(0.6);
    // Lepton charges balance where the process makes pairs; a single top has one sign.
    expect(mean(atop, counting("e-", "m-"))).toBe(0);
    expect(mean(atop, counting("e+", "m+"))).toBeGreaterThan(0.1);
    const negative = mean(ttbar, counting("e-", "m-"));
    expect(Math.abs(negative / mean(ttbar, counting("e+", "m+")) - 1)).toBeLessThan(0.3);
    const met = ({ met: own }: CollisionEvent): number => own;
    expect(mean(gluino, met)).toBeGreaterThan(4 * mean(ttbar, met));
    expect(mean(njets, met)).toBeLessThan(40_000);
  });
});
