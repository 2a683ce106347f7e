/** Made-up results with as many autoencoder variants as the studies have: each a copy of best choice at 2 to 5 links, at other distances. */
import type { CodecResult, QualityResult, Results } from "../../harness/core/results.js";
import { fakeResults } from "./fakeresults.js";

const SOURCE = "best-choice";
const LINKS = [2, 3, 4, 5];

export const VARIANTS = [
  "ae-emd-stride-ele-0pu", "ae-emd-stride-ele-200pu", "ae-emd-stride-ttbar-200pu", "ae-tele-443-ttbar-200pu",
  "ae-tele-pool-ttbar-200pu", "ae-tele-stride-ele-0pu", "ae-tele-stride-ele-200pu", "ae-tele-stride-ele-calq-0pu",
  "ae-tele-stride-ele-calq-200pu", "ae-tele-stride-ele-mask-0pu", "ae-tele-stride-ele-mask-200pu",
  "ae-tele-stride-ele-remove-200pu", "ae-tele-stride-ttbar-0pu", "ae-tele-stride-ttbar-200pu",
]; // prettier-ignore

function farther(row: QualityResult, codec: string, factor: number): QualityResult {
  const times = (value: number | null): number | null => (value === null ? null : factor * value);
  const metrics = row.metrics.map((metric) => {
    if (metric.metric !== "emd" || metric.summary === null) return metric;
    const profiles = metric.profiles.map((profile) => ({
      ...profile,
      bins: profile.bins.map((bin) => ({ ...bin, mean: times(bin.mean), median: times(bin.median) })),
    }));
    return { ...metric, profiles, summary: { ...metric.summary, mean: factor * metric.summary.mean } };
  });
  return { ...row, codec, metrics };
}

/** One dataset of `fakeResults` with the variants beside the others. */
export function manyVariants(): Results {
  const results = fakeResults();
  const [dataset] = results.datasets;
  const codecs: CodecResult[] = [...results.codecs];
  const quality = results.quality.filter((row) => row.dataset === dataset.id);
  VARIANTS.forEach((id, i) => {
    for (const links of LINKS) {
      const label = `${SOURCE}:links=${links}`;
      const codec = results.codecs.find((one) => one.label === label);
      const row = quality.find((one) => one.codec === label);
      if (codec === undefined || row === undefined) throw new RangeError(label);
      const own = `${id}:links=${links}`;
      codecs.push({ ...codec, id, label: own, title: id, family: "autoencoder" });
      quality.push(farther(row, own, 1 + 0.02 * i));
    }
  });
  return { ...results, datasets: [dataset], codecs, quality };
}
