/** Input words and register files of our own making, for tests that must run without published vectors. */
import { ALGORITHMS, type Algorithm } from "../../harness/chip/registers.js";
import { REGISTER_PARTS, splitParts, writeRegisterImage } from "../../harness/chip/registerimage.js";
import { rng } from "../../harness/core/rng.js";

/** Text of `crossings` rows with a header line; the first opens an orbit. */
export function inputText(crossings: number, format: "hex" | "decimal", seed = 3): string {
  const random = rng(seed);
  const prefix = format === "hex" ? "RX_DATA_" : "ePortRxDataGroup_";
  const lines = [Array.from({ length: 12 }, (_, i) => `${prefix}${i}`).join(",")];
  for (let row = 0; row < crossings; row++) {
    lines.push(
      Array.from({ length: 12 }, () => {
        const payload = random.integer(2 ** (8 + random.integer(21)));
        return format === "hex"
          ? `${row === 0 ? "9" : "a"}${payload.toString(16).padStart(7, "0")}`
          : payload;
      }).join(","),
    );
  }
  return `${lines.join("\n")}\n`;
}

export interface Registers {
  readonly dialect: "algorithm" | "config-algo";
  readonly algorithm: Algorithm;
  readonly links: number;
  /** Further registers of FormatterBuffer.Global. */
  readonly formatter?: Readonly<Record<string, number | bigint>>;
  /** Further blocks. */
  readonly more?: Readonly<Record<string, unknown>>;
}

type Tree = Record<string, unknown>;

function encoderImage(seed: number): Tree {
  const random = rng(seed);
  const weights = Int8Array.from({ length: 2144 }, () => random.integer(64) - 32);
  return Object.fromEntries(
    writeRegisterImage(weights).map((register, r) => [
      r,
      Object.fromEntries(
        splitParts(register).map((part, k) => [`weights_byte${REGISTER_PARTS[k].byte}`, part]),
      ),
    ]),
  );
}

/** A register file as an object. */
export function registerFile({ dialect, algorithm, links, formatter = {}, more = {} }: Registers): Tree {
  const number = ALGORITHMS.indexOf(algorithm);
  return {
    ...(dialect === "algorithm"
      ? { Algorithm: { Global: { density: 0, select: number } } }
      : { ConfigAlgo: { Global: { alg_high_density: 0, alg_type: number } } }),
    AlgoDroplsb: { Global: dialect === "algorithm" ? 1 : { drop_lsb: 1 } },
    AlgoThreshold: Object.fromEntries(Array.from({ length: 48 }, (_, i) => [i, 200])),
    ...(algorithm === "autoencoder" ? { Encoder: encoderImage(8) } : {}),
    FormatterBuffer: {
      Global: { active_etxs: dialect === "algorithm" ? links : 2 ** links - 1, ...formatter },
    },
    ...more,
  };
}

/** YAML text of a register file: plain mappings of numbers, as the published ones are. */
export function registerText(tree: Tree, indent = ""): string {
  return Object.entries(tree)
    .map(([key, value]) =>
      typeof value === "object" && value !== null
        ? `${indent}${key}:\n${registerText(value as Tree, `${indent}  `)}`
        : `${indent}${key}: ${String(value)}\n`,
    )
    .join("");
}
