/** Small results in which every foreign text is made from one name. For tests only. */
import type { Results } from "../../harness/core/results.js";
import { fakeResults } from "./fakeresults.js";

const FULL = fakeResults();

/** Two datasets and five codecs of the fake results, all free texts replaced by `name` with a number that keeps them apart. */
export function namedResults(name: string): Results {
  const full = FULL;
  const keep = new Set([
    "threshold-1.35",
    "best-choice:links=2",
    "best-choice:links=3",
    "stc4-9:links=2",
    "identity",
  ]);
  const datasets = full.datasets.slice(0, 2).map((dataset, i) => ({
    ...dataset,
    id: `${name}${i}`,
    title: `${name}${i}`,
    name,
    licence: name,
    unit: name,
    sha256: name,
    census: { ...dataset.census, dropped: { [name]: 1 }, labels: [name], ignoredColumns: [name] },
  }));
  const codecs = full.codecs
    .filter(({ label }) => keep.has(label))
    .map((codec, i) => ({
      ...codec,
      label: `${name}${i}`,
      title: name,
      family: name,
      source: name,
      parameters: { [name]: name },
      side: [name],
    }));
  const labels = full.codecs.filter(({ label }) => keep.has(label)).map(({ label }) => label);
  const quality = full.quality
    .filter((row) => keep.has(row.codec) && full.datasets.slice(0, 2).some(({ id }) => id === row.dataset))
    .map((row) => ({
      ...row,
      examples: row.examples.slice(0, 1),
      dataset: `${name}${full.datasets.findIndex(({ id }) => id === row.dataset)}`,
      codec: `${name}${labels.indexOf(row.codec)}`,
      failed: { [name]: 2 },
      metrics: row.metrics.map((metric) =>
        ["emd", "sum-ratio"].includes(metric.metric)
          ? metric
          : { ...metric, metric: `${name}${metric.metric}`, unit: name },
      ),
    }));
  return {
    ...full,
    tool: { ...full.tool, version: name, commit: name, wasm: { [name]: name } },
    machine: { ...full.machine, cpu: name, platform: name, node: name, v8: name, features: [name] },
    run: { ...full.run, id: name, suite: name, arguments: [name], startedAt: name },
    datasets,
    codecs,
    quality,
    agreement: full.agreement.map((row) => ({
      ...row,
      kernel: name, backend: name, shape: name, where: name, measure: name, outputHash: name,
      reason: row.verdict === "not available" ? name : null,
    })), // prettier-ignore
    speed: full.speed.map((row) => ({
      ...row,
      kernel: name, input: name, subject: name, baseline: name, itemName: name, versions: { [name]: name },
      warnings: [name], notAvailable: row.ratio === null ? name : null,
    })), // prettier-ignore
    noise: { kernel: name, median: 0.001, worst: 0.002, processes: 5 },
    warnings: [{ id: name, about: name, message: name, remedy: name }],
    files: [],
  };
}
