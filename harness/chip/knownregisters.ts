/**
 * The registers that a file may have, by dialect: everything else is refused, so that no setting is ignored in silence.
 *
 * A known register that the selected algorithm does not use is accepted: files set them all (docs/chip-formats.md).
 */
import { CELLS } from "../core/table.js";
import { REGISTER_PARTS, REGISTERS } from "./registerimage.js";
import { branch, refused, RegisterError, type Branch } from "./registerfields.js";

export type Dialect = "algorithm" | "config-algo";

const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));
const CELL_KEYS = keys(CELLS);
const PART_KEYS = REGISTER_PARTS.map(({ byte }) => `weights_byte${byte}`);

const FORMATTER = [
  "active_etxs",
  "buff_t1",
  "buff_t2",
  "buff_t3",
  "link_reset_pattern",
  "stc_type",
  "use_sum",
] as const;
const FORMATTER_OF: Readonly<Record<Dialect, readonly string[]>> = {
  algorithm: ["mask_ae", "mask_ae2"],
  "config-algo": ["keep_auto_encoder_bits"],
};
const SELECTOR: Readonly<Record<Dialect, readonly [block: string, registers: readonly string[]]>> = {
  algorithm: ["Algorithm", ["select", "density"]],
  "config-algo": ["ConfigAlgo", ["alg_type", "alg_high_density"]],
};

function allow(registers: unknown, path: readonly string[], known: readonly string[]): Branch | undefined {
  const node = branch(registers, path);
  for (const key of Object.keys(node ?? {})) {
    if (known.includes(key)) continue;
    throw new RegisterError(
      [...path, key],
      known.length > 12
        ? `a register of this chip (${known[0]} .. ${known[known.length - 1]})`
        : `one of ${known.join(", ")}`,
      "an unknown register",
      "files of another chip version are not understood; known registers are in docs/chip-formats.md",
    );
  }
  return node;
}

/** Refuses (RegisterError) registers that this chip and dialect do not have. */
export function refuseUnknownRegisters(registers: unknown, dialect: Dialect): void {
  const [selector, selecting] = SELECTOR[dialect];
  allow(
    registers,
    [],
    [selector, "AlgoDroplsb", "AlgoThreshold", "Cal", "Encoder", "FormatterBuffer", "Mux"],
  );
  allow(registers, [selector], ["Global"]);
  allow(registers, [selector, "Global"], selecting);
  for (const block of ["AlgoThreshold", "Cal", "Mux"]) allow(registers, [block], CELL_KEYS);
  allow(registers, ["FormatterBuffer"], ["Global"]);
  allow(registers, ["FormatterBuffer", "Global"], [...FORMATTER, ...FORMATTER_OF[dialect]]);
  const drop = allow(registers, ["AlgoDroplsb"], ["Global"]);
  if (drop !== undefined && typeof drop.Global !== "number" && typeof drop.Global !== "bigint") {
    if (!Object.hasOwn(drop, "Global")) throw refused("AlgoDroplsb.Global", "a drop of 0..7", undefined);
    allow(registers, ["AlgoDroplsb", "Global"], ["drop_lsb"]);
  }
  const encoder = allow(registers, ["Encoder"], keys(REGISTERS));
  for (const r of Object.keys(encoder ?? {})) allow(registers, ["Encoder", r], PART_KEYS);
}
