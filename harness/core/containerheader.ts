/** What a .wmk container says about itself: codec, parameters, model, columns. One zod schema, the text of the header. */
import { z } from "zod";
import { InputError } from "./errors.js";
import { CELLS, LABELS } from "./table.js";

const name = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/);

const column = z.strictObject({
  name: z.string().max(64),
  dtype: z.literal("float64"),
  unit: z.string().max(32),
  /** "coded": in the codec's bits; "raw": as 64-bit floats beside them. */
  storage: z.enum(["coded", "raw"]),
});

export const containerHeader = z.strictObject({
  codec: name,
  /** All parameters of the codec, defaults included. */
  parameters: z.record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/),
    z.union([z.number(), z.string().max(256), z.boolean()]),
  ),
  /** Weights or other fitted state that decoding needs beyond the codec's own code. */
  model: z.strictObject({ id: z.string().max(256), sha256: z.string().regex(/^[0-9a-f]{64}$/) }).nullable(),
  columns: z
    .array(column)
    .min(CELLS)
    .max(CELLS + LABELS.length),
  /** Program and version that wrote the file. */
  writer: z.string().max(64),
});

export type ContainerHeader = z.infer<typeof containerHeader>;
export type ContainerColumn = ContainerHeader["columns"][number];

const LABEL_UNITS: Readonly<Record<string, string>> = {
  phi: "rad",
  SimEnergyTotal: "GeV",
  EventSimEnergy: "GeV",
};

/** The 48 charges, coded, and the labels that are stored beside them. */
export function containerColumns(labels: readonly string[]): ContainerColumn[] {
  const charges = Array.from({ length: CELLS }, (_, cell) => `CALQ_${cell}`);
  return [
    ...charges.map((name) => ({ name, dtype: "float64" as const, unit: "calq", storage: "coded" as const })),
    ...labels.map((name) => ({
      name,
      dtype: "float64" as const,
      unit: LABEL_UNITS[name] ?? "1",
      storage: "raw" as const,
    })),
  ];
}

/** Header bytes as a checked header; refuses (InputError) anything the schema does not know. */
export function parseContainerHeader(bytes: Uint8Array, where: string): ContainerHeader {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw refused(where, "not JSON in UTF-8", cause);
  }
  const parsed = containerHeader.safeParse(value);
  if (!parsed.success) throw refused(where, z.prettifyError(parsed.error).split("\n")[0], parsed.error);
  const header = parsed.data;
  const expected = containerColumns(header.columns.slice(CELLS).map((column) => column.name));
  const known = header.columns
    .slice(CELLS)
    .every((column) => (LABELS as readonly string[]).includes(column.name));
  const distinct = new Set(header.columns.map((column) => column.name)).size === header.columns.length;
  const inPlace = header.columns.every(
    (column, i) => column.name === expected[i].name && column.storage === expected[i].storage,
  );
  if (!known || !distinct || !inPlace)
    throw refused(where, "columns other than CALQ_0..CALQ_47 and known labels");
  return header;
}

function refused(where: string, got: string, cause?: unknown): InputError {
  return new InputError(`${where}: header not understood: expected a container header, got ${got}`, {
    tag: "corrupt",
    ...(cause === undefined ? {} : { cause }),
  });
}
