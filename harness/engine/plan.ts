/**
 * What a run will do: tables x codecs, decided and checked before any work begins.
 *
 * Names come from the registry; nothing selected is an error, never an empty report.
 */
import type { CodecResult } from "../core/results.js";
import type { Codec, OpenCodec, Parameters } from "../core/codec.js";
import { UsageError } from "../core/errors.js";
import type { KernelRunner } from "../core/kernel.js";
import {
  codecLabel,
  completeParameters,
  expandVariants,
  findCodec,
  parseCodecSpec,
  readParameters,
  splitCodecList,
} from "../core/parameters.js";
import { codecs } from "./plugins.generated.js";
import { LINK_BITS } from "./rate.js";

export interface PlannedCodec {
  readonly codec: Codec;
  readonly parameters: Parameters;
  readonly label: string;
}

/** Variants of the codecs that `lists` name ("a,b:links=2"), or of all codecs when there is no list. Each label once. */
export function planCodecs(
  lists: readonly string[] | undefined,
  known: ReadonlyMap<string, Codec> = codecs,
): PlannedCodec[] {
  const specs = lists === undefined ? [...known.keys()] : lists.flatMap((list) => splitCodecList(list));
  const planned = new Map<string, PlannedCodec>();
  for (const text of specs.filter((spec) => spec !== "")) {
    const spec = parseCodecSpec(text);
    const codec = findCodec(spec.id, known);
    for (const parameters of expandVariants(codec, readParameters(codec, spec.given))) {
      const label = codecLabel(codec, parameters);
      planned.set(label, { codec, parameters, label });
    }
  }
  if (planned.size === 0) {
    throw new UsageError("codecs: nothing selected: expected at least one codec, got none", {
      remedy: "leave out --codecs, or name codecs as in --codecs best-choice,threshold:value=20",
    });
  }
  return [...planned.values()];
}

export interface OpenedCodec {
  readonly open: OpenCodec;
  readonly record: CodecResult;
}

/** Opens a planned codec; the record is what results say about it. */
export async function openCodec(planned: PlannedCodec, kernels: KernelRunner): Promise<OpenedCodec> {
  const { codec, parameters } = planned;
  const open = await codec.open(parameters, kernels);
  const record: CodecResult = {
    label: open.label,
    id: codec.id,
    title: codec.title,
    family: codec.family,
    source: codec.source,
    parameters: { ...completeParameters(codec, parameters) },
    links: open.links ?? null,
    budgetBits: open.links === undefined ? null : open.links * LINK_BITS,
    side: [...open.side],
    cost: { ...open.cost },
  };
  return { open, record };
}
