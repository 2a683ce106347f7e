/**
 * Results in two: what is compared with everything else, and rows that are another codec of the same results in another setting of
 * sum and zeros. Those stand beside that codec alone, in a table of their own.
 */
import type { CodecResult, Results } from "../harness/core/results.js";
import { settingOf, type Setting } from "../harness/core/settings.js";

/** A codec and the settings of it that were run. */
export interface SettingGroup {
  readonly base: CodecResult;
  readonly settings: readonly { readonly codec: CodecResult; readonly setting: Setting }[];
}

export interface SplitResults {
  readonly compared: Results;
  readonly groups: readonly SettingGroup[];
}

export function splitSettings(results: Results): SplitResults {
  const found = results.codecs.flatMap((codec) => {
    const of = settingOf(codec.label);
    const base = of && results.codecs.find(({ label }) => label === of.base);
    return of === undefined || base === undefined ? [] : [{ codec, base, setting: of.setting }];
  });
  const apart = new Set(found.map(({ codec }) => codec.label));
  const bases = [...new Set(found.map(({ base }) => base))];
  return {
    compared: {
      ...results,
      codecs: results.codecs.filter(({ label }) => !apart.has(label)),
      quality: results.quality.filter(({ codec }) => !apart.has(codec)),
    },
    groups: bases.map((base) => ({ base, settings: found.filter((one) => one.base === base) })),
  };
}
