/** What each setting of sum and zeros does to an autoencoder: the studies' faults and their cures beside the default. */
import type { CodecResult, Results } from "../../harness/core/results.js";
import type { Setting } from "../../harness/core/settings.js";
import { join, markup, type Fragment, type Html } from "../escape.js";
import { bits, fixed, grouped, percent } from "../numbers.js";
import { metricOf } from "../select.js";
import { splitSettings, type SettingGroup } from "../settings.js";
import { missing, tableMarkup, type Column } from "./table.js";

/** The codec as it is. */
const NONE: Setting = {
  text: "none",
  says: "9-bit sum, whole counts that add up to it; nothing suppressed",
};
/** EMD, sum ratio, modules emptied. */
const PER_DATASET = 3;
const named = (name: Fragment, unit: Fragment): Column => ({
  title: markup`${name}<br><small>${unit}</small>`,
});

/** Mean EMD, sum ratio and emptied modules of a codec on a dataset. */
export function settingCells(results: Results, dataset: string, label: string): string[] {
  const row = results.quality.find((one) => one.dataset === dataset && one.codec === label);
  const ratio = row && metricOf(row, "sum-ratio")?.summary;
  const emptied = row?.emptyOut ?? 0;
  return [
    fixed((row && metricOf(row, "emd")?.summary?.mean) ?? null, 3),
    `${fixed(ratio?.mean ?? null, 4)} / ${fixed(ratio?.rms ?? null, 4)}`,
    emptied === 0 ? "0" : `${grouped(emptied)} (${percent(emptied, row?.modules ?? 0)})`,
  ];
}

function payloadOf(results: Results, { label }: CodecResult): Fragment {
  const payloads = results.quality
    .filter(({ codec }) => codec === label)
    .map(({ rate }) => rate.payloadMaximum);
  return payloads.length === 0 ? missing("not run") : bits(Math.max(...payloads));
}

function groupTable(results: Results, { base, settings }: SettingGroup): Html {
  const line = (codec: CodecResult, name: string) => ({
    cells: [
      name,
      payloadOf(results, codec),
      ...results.datasets.flatMap(({ id }) => settingCells(results, id, codec.label)),
    ],
  });
  const columns: Column[] = [
    { title: "setting", text: true },
    named("worst", "[bit]"),
    ...results.datasets.flatMap(() => [
      named("EMD mean", "[cell]"),
      named("sum ratio", "mean / RMS"),
      named("emptied", "modules"),
    ]),
  ];
  const bands = [
    { title: "", span: columns.length - PER_DATASET * results.datasets.length },
    ...results.datasets.map(({ id }) => ({ title: id, span: PER_DATASET })),
  ];
  const lines = [line(base, NONE.text), ...settings.map(({ codec, setting }) => line(codec, setting.text))];
  const caption = `${base.label} in each setting of sum and zeros`;
  return tableMarkup(caption, columns, lines, bands);
}

export function settingsSection(results: Results): Html {
  const { groups } = splitSettings(results);
  if (groups.length === 0)
    return markup`<p>${missing("no autoencoder in several settings in these results")}</p>`;
  const shown = new Set([NONE, ...groups.flatMap(({ settings }) => settings.map(({ setting }) => setting))]);
  return join([
    markup`<p>The slides found module sums that drift, cells that vanish and partial modules that lose charge. Here each fault and its cure is a setting of one autoencoder, one departure from the default at a time. All autoencoders of the zoo in all settings: <code>wafermark evaluate --switches</code>.</p>
`,
    groups.map((group) => groupTable(results, group)),
    markup`<ul class="note">${[...shown].map(({ text, says }) => markup`<li><b>${text}</b>: ${says}</li>`)}</ul>
`,
  ]);
}
