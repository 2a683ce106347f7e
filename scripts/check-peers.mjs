// Fails when a results file lacks the tfjs rows: `node scripts/check-peers.mjs RESULTS.json`. Peers that quietly went missing
// (a package that no longer loads, a plan that forgot them) would leave the speed of networks without anything to compare with.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const PEERS = ["tfjs-cpu", "tfjs-wasm"];
// The networks whose speed is promised relative to these peers.
const KERNELS = ["autoencoder", "decoder", "encoder", "jets-200", "jets-400"];

/** What is missing from `results`, one line each; empty when nothing is. */
export function missingPeers(results) {
  const problems = [];
  for (const kernel of KERNELS) {
    for (const peer of PEERS) {
      const agreed = results.agreement.filter((row) => row.kernel === kernel && row.backend === peer);
      const timed = results.speed.filter((row) => row.kernel === kernel && row.baseline === peer);
      if (!agreed.some((row) => row.verdict !== "not available")) {
        problems.push(`agreement: ${kernel} on ${peer}: ${agreed[0]?.reason ?? "no row"}`);
      }
      if (!timed.some((row) => row.ratio !== null)) {
        problems.push(`speed: ${kernel} against ${peer}: ${timed[0]?.notAvailable ?? "no row"}`);
      }
    }
  }
  return problems;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [path] = process.argv.slice(2);
  if (path === undefined) {
    console.error("check-peers: expected a results file, got nothing");
    process.exit(2);
  }
  const problems = missingPeers(JSON.parse(readFileSync(path, "utf8")));
  for (const problem of problems) console.error(`check-peers: ${problem}`);
  process.exit(problems.length === 0 ? 0 : 4);
}
