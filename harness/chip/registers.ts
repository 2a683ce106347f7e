/**
 * Register files (parsed, as plain objects) to the settings of a chip. Parsing YAML text is somebody else's business.
 *
 * Two dialects exist. "algorithm": `Algorithm.Global.select`, active_etxs is a count, input codes least significant first.
 * "config-algo": `ConfigAlgo.Global.alg_type`, active_etxs is a bit mask, input codes most significant first.
 * Keys that are absent have defaults (docs/chip-formats.md); keys that no register has are refused.
 */
import { CELLS } from "../core/table.js";
import { CALIBRATION_ONE, CALQ_MAXIMUM } from "./calibration.js";
import { autoencoderSettings, type AutoencoderSettings } from "./encoderregisters.js";
import type { CodeOrder } from "./inputwords.js";
import { refuseUnknownRegisters, type Dialect } from "./knownregisters.js";
import { OUTPUT_LINKS } from "./linkwords.js";
import { branch, optional, refused, whole, type Branch } from "./registerfields.js";
import { REPEATER_LINKS } from "./repeater.js";
import { defaultBufferThresholds, type BufferThresholds } from "./thresholdbuffer.js";

/** By the number in the algorithm register. */
export const ALGORITHMS = [
  "threshold-sum",
  "super-trigger-cell",
  "best-choice",
  "repeater",
  "autoencoder",
] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export interface ChipSettings {
  readonly dialect: Dialect;
  readonly algorithm: Algorithm;
  readonly highDensity: boolean;
  readonly inputOrder: CodeOrder;
  /** Output links in use, the first ones. */
  readonly links: number;
  readonly drop: number;
  readonly useSum: boolean;
  readonly superTriggerCellType: number;
  /** Input channel of each channel, [48]. */
  readonly mux: readonly number[];
  /** 12-bit calibration factors, [48]. */
  readonly calibration: readonly number[];
  /** Smallest CALQ that threshold-sum keeps, [48]. */
  readonly thresholds: readonly number[];
  readonly buffer: BufferThresholds;
  readonly linkResetPattern: number;
  /** Present when the algorithm is the autoencoder. */
  readonly autoencoder?: AutoencoderSettings;
}

const LINK_RESET_PATTERN = 290;

/** 48 values under keys 0..47; absent as a whole, they are the default. */
function perCell(registers: unknown, name: string, fallback: (i: number) => number, high: number): number[] {
  const node = branch(registers, [name]);
  return Array.from({ length: CELLS }, (_, i) => {
    if (node === undefined) return fallback(i);
    return whole(`${name}.${i}`, node[String(i)], 0, high);
  });
}

function algorithmOf(registers: unknown): Pick<ChipSettings, "dialect" | "algorithm" | "highDensity"> {
  const last = ALGORITHMS.length - 1;
  const older = branch(registers, ["Algorithm", "Global"]);
  const newer = branch(registers, ["ConfigAlgo", "Global"]);
  if ((older === undefined) === (newer === undefined))
    throw refused(
      "algorithm",
      "one of Algorithm.Global and ConfigAlgo.Global",
      older === undefined ? "neither" : "both",
    );
  if (older !== undefined) {
    return {
      dialect: "algorithm",
      algorithm: ALGORITHMS[whole("Algorithm.Global.select", older.select, 0, last)],
      highDensity: optional(older, "Algorithm.Global", "density", 0, 1) === 1,
    };
  }
  return {
    dialect: "config-algo",
    algorithm: ALGORITHMS[whole("ConfigAlgo.Global.alg_type", newer?.alg_type, 0, last)],
    highDensity: optional(newer, "ConfigAlgo.Global", "alg_high_density", 0, 1) === 1,
  };
}

/** Links in use of a mask; refuses gaps, which no file has. */
function linksOfMask(mask: number): number {
  let links = 0;
  while (links < OUTPUT_LINKS && ((mask >> links) & 1) === 1) links++;
  if (links === 0 || mask !== 2 ** links - 1)
    throw refused("FormatterBuffer.Global.active_etxs", "a mask of the first links", mask);
  return links;
}

function linksOf(formatter: Branch | undefined, dialect: Dialect): number {
  const path = "FormatterBuffer.Global";
  if (dialect === "algorithm")
    return optional(formatter, path, "active_etxs", 1, OUTPUT_LINKS) ?? OUTPUT_LINKS;
  const mask = optional(formatter, path, "active_etxs", 1, 2 ** OUTPUT_LINKS - 1);
  return mask === undefined ? OUTPUT_LINKS : linksOfMask(mask);
}

/** Drop register: a number, or a mapping with drop_lsb. */
function dropOf(registers: unknown): number {
  const node = branch(registers, ["AlgoDroplsb"]);
  if (node === undefined) return 0;
  const value = node.Global;
  if (typeof value === "number" || typeof value === "bigint") return whole("AlgoDroplsb.Global", value, 0, 7);
  return optional(branch(registers, ["AlgoDroplsb", "Global"]), "AlgoDroplsb.Global", "drop_lsb", 0, 7) ?? 0;
}

function muxOf(registers: unknown, dialect: Dialect): number[] {
  const swap = dialect === "algorithm" ? 3 : 0; // codes come least significant first: undo it in fours
  const mux = perCell(registers, "Mux", (i) => i ^ swap, CELLS - 1);
  if (new Set(mux).size !== CELLS)
    throw refused("Mux", "every channel once", `${new Set(mux).size} different ones`);
  return mux;
}

/** Settings of a parsed register file; refuses values that the registers cannot hold. */
export function chipSettings(registers: unknown): ChipSettings {
  const { dialect, algorithm, highDensity } = algorithmOf(registers);
  refuseUnknownRegisters(registers, dialect);
  const path = "FormatterBuffer.Global";
  const formatter = branch(registers, ["FormatterBuffer", "Global"]);
  const links = linksOf(formatter, dialect);
  if (algorithm === "repeater" && links < REPEATER_LINKS)
    throw refused(`${path}.active_etxs`, `${REPEATER_LINKS}..${OUTPUT_LINKS} links for the repeater`, links);
  const formula = defaultBufferThresholds(links);
  const bufferRegister = (key: string): number | undefined => optional(formatter, path, key, 0, 511);
  return {
    dialect,
    algorithm,
    highDensity,
    inputOrder: dialect === "algorithm" ? "least-significant-first" : "most-significant-first",
    links,
    drop: dropOf(registers),
    useSum: optional(formatter, path, "use_sum", 0, 1) === 1,
    superTriggerCellType: optional(formatter, path, "stc_type", 0, 3) ?? 0,
    mux: muxOf(registers, dialect),
    calibration: perCell(registers, "Cal", () => CALIBRATION_ONE, 4095),
    thresholds: perCell(registers, "AlgoThreshold", () => 0, CALQ_MAXIMUM),
    buffer: {
      t1: bufferRegister("buff_t1") ?? formula.t1,
      t2: bufferRegister("buff_t2") ?? formula.t2,
      t3: bufferRegister("buff_t3") ?? formula.t3,
    },
    linkResetPattern: optional(formatter, path, "link_reset_pattern", 0, 2047) ?? LINK_RESET_PATTERN,
    ...(algorithm === "autoencoder" ? { autoencoder: autoencoderSettings(registers, links) } : {}),
  };
}
