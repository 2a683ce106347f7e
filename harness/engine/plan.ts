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
import { SETTINGS } from "../core/settings.js";
import { codecs } from "./plugins.generated.js";
import { LINK_BITS } from "./rate.js";
import type { Suite } from "./suites.js";

export interface PlannedCodec {
  readonly codec: Codec;
  readonly parameters: Parameters;
  readonly label: string;
}

/** Link counts that modules have in the detector (hgcal signal-driven allocation). */
const USUAL_LINKS = [2, 5] as const;

function variantsOf(text: string, known: ReadonlyMap<string, Codec>): PlannedCodec[] {
  const spec = parseCodecSpec(text);
  const codec = findCodec(spec.id, known);
  return expandVariants(codec, readParameters(codec, spec.given)).map((parameters) => ({
    codec,
    parameters,
    label: codecLabel(codec, parameters),
  }));
}

/** The variants at the usual link counts; all of a codec that has none there (the repeater) or knows no links. */
function usualOnly(variants: readonly PlannedCodec[]): readonly PlannedCodec[] {
  const usual = variants.filter(({ parameters: { links } }) => {
    return typeof links === "number" && links >= USUAL_LINKS[0] && links <= USUAL_LINKS[1];
  });
  return usual.length === 0 ? variants : usual;
}

function eachOnce(planned: readonly PlannedCodec[]): PlannedCodec[] {
  if (planned.length === 0) {
    throw new UsageError("codecs: nothing selected: expected at least one codec, got none", {
      remedy: "leave out --codecs, or name codecs as in --codecs best-choice,threshold:calq=20",
    });
  }
  return [...new Map(planned.map((one) => [one.label, one])).values()];
}

/** The codecs that `lists` name ("a,b:links=2"), at every link count they have where none is given. Each label once. */
export function planCodecs(
  lists: readonly string[],
  known: ReadonlyMap<string, Codec> = codecs,
): PlannedCodec[] {
  const specs = lists.flatMap((list) => splitCodecList(list)).filter((spec) => spec !== "");
  return eachOnce(specs.flatMap((spec) => variantsOf(spec, known)));
}

/** Supplied models that no list names: a run shows them all, beside whatever else was chosen. */
export function planSupplied(
  planned: readonly PlannedCodec[],
  supplied: ReadonlyMap<string, Codec>,
): PlannedCodec[] {
  const named = new Set(planned.map(({ codec }) => codec.id));
  const others = [...supplied.keys()].filter((id) => !named.has(id));
  return [...planned, ...others.flatMap((id) => variantsOf(id, supplied))];
}

/**
 * The codecs of a run in which none is named; those without variants of their own run only when named,
 * and those that say so only when named or in the suite of every sweep.
 */
export function planDefaultCodecs(
  links: Suite["links"],
  known: ReadonlyMap<string, Codec> = codecs,
): PlannedCodec[] {
  const own = [...known.values()].filter(
    (codec) => codec.variants().length > 0 && (links === "all" || codec.onlyNamed !== true),
  );
  return eachOnce(
    own.flatMap(({ id }) => {
      const variants = variantsOf(id, known);
      return links === "all" ? variants : usualOnly(variants);
    }),
  );
}

/** One training of `known` in every setting of sum and zeros at two links: what a run shows of them. None where it is not there. */
export function planSettings(training: string, known: ReadonlyMap<string, Codec>): PlannedCodec[] {
  const id = `ae-${training}`;
  return known.has(id)
    ? planCodecs(
        SETTINGS.map(({ text }) => `${id}:links=2,${text}`),
        known,
      )
    : [];
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
