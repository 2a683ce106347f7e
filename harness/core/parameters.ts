/**
 * Codec names as users type them, "best-choice:links=2,drop=3", to checked parameters and back to one canonical label.
 *
 * Every refusal is a UsageError (exit 2) that names what exists and what was probably meant. Plug-ins are looked up in the map
 * that the caller passes; this file knows none.
 */
import type { Codec, Parameter, Parameters, ParameterValue } from "./codec.js";
import { printable, UsageError } from "./errors.js";
import { nearestNames } from "./nearest.js";

/** What a codec says about itself, as far as its parameters go. */
export type ParameterOwner = Pick<Codec, "id" | "parameters">;

export interface CodecSpec {
  readonly id: string;
  /** Parameters as typed, in typed order. */
  readonly given: ReadonlyMap<string, string>;
}

/** The specs in "a,b:links=2,drop=3,c": a piece with "=" but no ":" belongs to the spec before it. */
export function splitCodecList(text: string): string[] {
  const specs: string[] = [];
  for (const piece of text.split(",").map((part) => part.trim())) {
    const continues = piece.includes("=") && !piece.includes(":");
    if (continues && specs.length > 0) specs[specs.length - 1] += `,${piece}`;
    else specs.push(piece);
  }
  return specs;
}

/** Splits "id:key=value,key=value"; refuses a missing id, a key without value, and a key given twice. */
export function parseCodecSpec(text: string): CodecSpec {
  const colon = text.indexOf(":");
  const id = (colon < 0 ? text : text.slice(0, colon)).trim();
  const where = `codec ${JSON.stringify(printable(text))}`;
  if (id === "") throw new UsageError(`${where}: name: expected id or id:key=value, got none`);
  const given = new Map<string, string>();
  for (const pair of colon < 0 ? [] : text.slice(colon + 1).split(",")) {
    const match = /^\s*([^=\s]+)\s*=\s*(\S+)\s*$/.exec(pair);
    if (match === null)
      throw new UsageError(`${where}: parameter: expected key=value, got ${JSON.stringify(printable(pair))}`);
    const [, key, value] = match;
    if (given.has(key))
      throw new UsageError(`${where}: parameter ${printable(key)}: expected once, got twice`);
    given.set(key, value);
  }
  return { id, given };
}

function suggestion(name: string, known: readonly string[]): { remedy?: string } {
  const near = nearestNames(name, known);
  return near.length === 0 ? {} : { remedy: `did you mean ${near.join(" or ")}?` };
}

/** The codec of that id; refuses an unknown one, with the nearest names. */
export function findCodec(id: string, codecs: ReadonlyMap<string, Codec>): Codec {
  const codec = codecs.get(id);
  if (codec !== undefined) return codec;
  const known = [...codecs.keys()];
  throw new UsageError(
    `codec ${JSON.stringify(printable(id))}: unknown: expected one of ${known.join(", ")}, got ${printable(id)}`,
    suggestion(id, known),
  );
}

const asked = (parameter: Parameter): string => {
  if (parameter.choices !== undefined) return `one of ${parameter.choices.join(", ")}`;
  if (typeof parameter.default !== "number") return `a ${typeof parameter.default}`;
  return `a number in ${parameter.minimum ?? "-inf"}..${parameter.maximum ?? "inf"}`;
};

/** Value of the parameter's type that a text stands for; undefined when it is none. */
function parseValue(text: string, parameter: Parameter): ParameterValue | undefined {
  if (parameter.choices !== undefined) return parameter.choices.find((choice) => String(choice) === text);
  switch (typeof parameter.default) {
    case "number":
      return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    default:
      return text;
  }
}

function allowed(value: ParameterValue, parameter: Parameter): boolean {
  if (parameter.choices !== undefined) return parameter.choices.includes(value);
  if (typeof value !== typeof parameter.default) return false;
  if (typeof value !== "number") return true;
  return (
    Number.isFinite(value) &&
    value >= (parameter.minimum ?? -Infinity) &&
    value <= (parameter.maximum ?? Infinity)
  );
}

function refuseUnknown(owner: ParameterOwner, name: string): void {
  if (Object.hasOwn(owner.parameters, name)) return;
  const known = Object.keys(owner.parameters);
  throw new UsageError(
    `codec ${owner.id}: unknown parameter: expected ${known.length === 0 ? "none" : `one of ${known.join(", ")}`}, got ${printable(name)}`,
    suggestion(name, known),
  );
}

function checked(
  owner: ParameterOwner,
  name: string,
  value: ParameterValue | undefined,
  shown: string,
): ParameterValue {
  const parameter = owner.parameters[name];
  if (value !== undefined && allowed(value, parameter)) return value;
  throw new UsageError(
    `codec ${owner.id}: parameter ${name}: expected ${asked(parameter)}, got ${printable(shown)}`,
  );
}

/** Typed values of parameters given as text; refuses unknown names and values outside choices or range. */
export function readParameters(owner: ParameterOwner, given: ReadonlyMap<string, string>): Parameters {
  const values: Record<string, ParameterValue> = {};
  for (const [name, text] of given) {
    refuseUnknown(owner, name);
    values[name] = checked(owner, name, parseValue(text, owner.parameters[name]), text);
  }
  return values;
}

/** All parameters of a codec: those given, checked, and the defaults of the others. */
export function completeParameters(owner: ParameterOwner, given: Parameters): Parameters {
  for (const name of Object.keys(given)) refuseUnknown(owner, name);
  const values: Record<string, ParameterValue> = {};
  for (const [name, parameter] of Object.entries(owner.parameters)) {
    const value = Object.hasOwn(given, name) ? given[name] : parameter.default;
    values[name] = checked(owner, name, value, String(value));
  }
  return values;
}

/** One label for one meaning: id, then `links` where the codec has it, then parameters that differ from their default. */
export function codecLabel(owner: ParameterOwner, given: Parameters): string {
  const values = completeParameters(owner, given);
  const shown = Object.keys(owner.parameters)
    .filter((name) => name === "links" || values[name] !== owner.parameters[name].default)
    .sort((a, b) => Number(b === "links") - Number(a === "links"))
    .map((name) => `${name}=${values[name]}`);
  return shown.length === 0 ? owner.id : `${owner.id}:${shown.join(",")}`;
}

/** Parameter sets that a spec asks for: the codec's variants with the given values put in, each meaning once. */
export function expandVariants(codec: Codec, given: Parameters): Parameters[] {
  const sets = new Map<string, Parameters>();
  const variants = codec.variants();
  for (const variant of variants.length === 0 ? [{}] : variants) {
    const merged = completeParameters(codec, { ...variant, ...given });
    sets.set(codecLabel(codec, merged), merged);
  }
  return [...sets.values()];
}

/** Numbers and texts out of complete parameters, with their type: a wrong type here is a mistake in the codec's file. */
export function numberOf(parameters: Parameters, name: string): number {
  const value = parameters[name];
  if (typeof value !== "number") throw new TypeError(`parameter ${name}: expected a number`);
  return value;
}

/** The value of a parameter whose choices are texts; `choices` narrows the type. */
export function choiceOf<T extends string>(parameters: Parameters, name: string, choices: readonly T[]): T {
  const value = choices.find((choice) => choice === parameters[name]);
  if (value === undefined) throw new TypeError(`parameter ${name}: expected one of ${choices.join(", ")}`);
  return value;
}
