/** The script that guards the peers in a results file finds each way in which they can go missing. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { root } from "./sources.js";

interface Results {
  agreement: { kernel: string; backend: string; verdict: string; reason: string | null }[];
  speed: { kernel: string; baseline: string; ratio: number | null; notAvailable: string | null }[];
}

const { missingPeers } = (await import(pathToFileURL(join(root, "scripts", "check-peers.mjs")).href)) as {
  missingPeers: (results: Results) => string[];
};

function complete(): Results {
  const pairs = ["autoencoder", "decoder", "encoder", "jets-200", "jets-400"].flatMap((kernel) =>
    ["tfjs-cpu", "tfjs-wasm"].map((peer) => ({ kernel, peer })),
  );
  return {
    agreement: pairs.map(({ kernel, peer }) => ({ kernel, backend: peer, verdict: "pass", reason: null })),
    speed: pairs.map(({ kernel, peer }) => ({ kernel, baseline: peer, ratio: 2, notAvailable: null })),
  };
}

describe("scripts/check-peers.mjs", () => {
  it("finds nothing in complete results", () => {
    expect(missingPeers(complete())).toEqual([]);
  });

  it("names a row that is missing, and the reason of one that is not available", () => {
    const results = complete();
    results.agreement.splice(0, 1);
    results.agreement[0] = { ...results.agreement[0], verdict: "not available", reason: "no package" };
    results.speed.splice(3, 1);
    results.speed[0] = { ...results.speed[0], ratio: null, notAvailable: "computes something else" };
    expect(missingPeers(results)).toEqual([
      "agreement: autoencoder on tfjs-cpu: no row",
      "speed: autoencoder against tfjs-cpu: computes something else",
      "agreement: autoencoder on tfjs-wasm: no package",
      "speed: decoder against tfjs-wasm: no row",
    ]);
  });
});
