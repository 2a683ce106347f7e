/** Where the published autoencoders lie in a folder of published files, and what is known of each. Weights are not distributed. */
import { stat } from "node:fs/promises";
import { join } from "node:path";

/** Facts about a published model that its weights do not tell. */
export interface PublishedCard {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly links?: number;
  readonly unclipped?: boolean;
}

export interface FoundModel {
  readonly path: string;
  readonly arch?: string;
  readonly card?: PublishedCard;
}

interface Published {
  readonly file: string;
  readonly arch: string;
  readonly card: PublishedCard;
}

const TRAININGS = [
  ["pu", "PU"],
  ["signal", "Signal"],
] as const;

const PUBLISHED: readonly Published[] = [
  ...[2, 3, 4, 5].flatMap((links) =>
    TRAININGS.map(([id, name]) => ({
      file: `ae443_${links}eLinks_${name}driven.json`,
      arch: "autoencoder-4x4x3",
      card: {
        id: `ae-cmssw-${links}-${id}`,
        title: `CMSSW autoencoder, ${links} links, ${name} driven`,
        source: "cms-data/L1Trigger-L1THGCal",
        links,
        unclipped: true,
      },
    })),
  ),
  {
    file: "ae8x8_c8_S2_ele_qkeras.json",
    arch: "autoencoder-8x8-stride",
    card: {
      id: "ae-8x8-ele-qkeras",
      title: "qKeras autoencoder 8x8 stride 2 (electrons)",
      source: "cmantill/econt_test-vectors",
    },
  },
];

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** The published models that a folder has, in its `econ/derived`, its `derived`, or itself. */
export async function findPublished(folder: string): Promise<FoundModel[]> {
  const found: FoundModel[] = [];
  for (const below of [join("econ", "derived"), "derived", "."]) {
    for (const { file, arch, card } of PUBLISHED) {
      const path = join(folder, below, file);
      if (await isFile(path)) found.push({ path, arch, card });
    }
    if (found.length > 0) break;
  }
  return found;
}
