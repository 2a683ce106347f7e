/**
 * Super trigger cells as a module format, by the chip's rule or by those of the published studies.
 *
 * rule=chip writes the chip's payload (chip/supertriggercells.ts) with header 0; the sum goes to the place sent, or in equal
 * shares to the group where none is sent. ideal-python: exact 28-bit sums at the first maximum. ideal-cmssw: 9-bit 4E5M rounded sums
 * at the first maximum. ideal-share: exact sums in equal shares, no places. "First" is the lowest training index of the group.
 */
import type { BitReader, BitWriter } from "../core/bits.js";
import { GROUPS_OF_16, GROUPS_OF_4 } from "../physics/triggercells.js";
import { cellsByChannel, POST_MUX, type CellOrder } from "../chip/cellorder.js";
import { CODE_4E5M, encodeFloat, restoreCharge, type DecodePoint } from "../chip/floatcodes.js";
import {
  groupsSent,
  packSuperTriggerCells,
  sumGroups,
  SUPER_TRIGGER_CELL_HEADER_BITS,
  unpackSuperTriggerCells,
  type SuperTriggerCellType,
} from "../chip/supertriggercells.js";
import { EXACT_SUM_BITS } from "./chargeformat.js";
import { checkHeader, STORED_HEADER, type ModuleFormat } from "./modulecodec.js";

export const SUPER_TRIGGER_CELL_RULES = ["chip", "ideal-python", "ideal-cmssw", "ideal-share"] as const;
export type SuperTriggerCellRule = (typeof SUPER_TRIGGER_CELL_RULES)[number];

export interface SuperTriggerCellOptions {
  readonly type: SuperTriggerCellType;
  readonly links: number;
  readonly rule: SuperTriggerCellRule;
  readonly drop: number;
  readonly point: DecodePoint;
  readonly order: CellOrder;
}

/** Training index of each channel: four (sixteen) consecutive channels are a group in either order. */
function cellOfChannel(options: SuperTriggerCellOptions): readonly number[] {
  if (options.order === "postmux") return cellsByChannel(POST_MUX);
  return (options.type.size === 4 ? GROUPS_OF_4 : GROUPS_OF_16).flat();
}

export function superTriggerCellFormat(options: SuperTriggerCellOptions): ModuleFormat {
  return options.rule === "chip" ? chipFormat(options) : idealFormat(options);
}

function chipFormat({ type, links, drop, point, ...rest }: SuperTriggerCellOptions): ModuleFormat {
  const cellOf = cellOfChannel({ type, links, drop, point, ...rest });
  const lost = type.drops ? drop : 0;
  return {
    encode(calq, writer) {
      const byChannel = Float64Array.from(cellOf, (cell) => calq[cell]);
      packSuperTriggerCells(writer, sumGroups(byChannel, STORED_HEADER, type, links, drop), type);
    },
    decode(reader, restored) {
      const { header, places, sums } = unpackSuperTriggerCells(reader, type, links);
      checkHeader(header);
      sums.forEach((code, group) => {
        const cells = cellOf.slice(group * type.size, (group + 1) * type.size);
        const sum = restoreCharge(code, type.sumCode, lost, point);
        if (type.addressBits === 0) share(restored, cells, sum);
        else restored[cells[places[group]]] = sum;
      });
    },
  };
}

function share(restored: Float64Array, cells: readonly number[], sum: number): void {
  for (const cell of cells) restored[cell] = sum / cells.length;
}

interface SumFormat {
  write(writer: BitWriter, sum: number): void;
  read(reader: BitReader): number;
}

const EXACT: SumFormat = {
  write(writer, sum) {
    writer.write(sum, EXACT_SUM_BITS);
  },
  read: (reader) => reader.read(EXACT_SUM_BITS),
};

/** Rounded when coded, hence restored at the edge. */
const CMSSW: SumFormat = {
  write(writer, sum) {
    writer.write(encodeFloat(sum, CODE_4E5M, "round"), CODE_4E5M.bits);
  },
  read: (reader) => restoreCharge(reader.read(CODE_4E5M.bits), CODE_4E5M, 0, "edge"),
};

function idealFormat(options: SuperTriggerCellOptions): ModuleFormat {
  const { type, links, rule } = options;
  const sums = rule === "ideal-cmssw" ? CMSSW : EXACT;
  const shares = rule === "ideal-share";
  const cellOf = cellOfChannel(options);
  const groups = Array.from({ length: groupsSent(type, links) }, (_, group) =>
    cellOf.slice(group * type.size, (group + 1) * type.size),
  );
  return {
    encode(calq, writer) {
      writer.write(STORED_HEADER, SUPER_TRIGGER_CELL_HEADER_BITS);
      if (!shares)
        for (const cells of groups) writer.write(cells.indexOf(firstMaximum(calq, cells)), type.addressBits);
      for (const cells of groups)
        sums.write(
          writer,
          cells.reduce((sum, cell) => sum + calq[cell], 0),
        );
    },
    decode(reader, restored) {
      checkHeader(reader.read(SUPER_TRIGGER_CELL_HEADER_BITS));
      const places = groups.map(() => (shares ? 0 : reader.read(type.addressBits)));
      groups.forEach((cells, group) => {
        const sum = sums.read(reader);
        if (shares) share(restored, cells, sum);
        else restored[cells[places[group]]] = sum;
      });
    },
  };
}

/** The cell of largest charge; of equal ones the lowest training index. */
function firstMaximum(calq: Float64Array, cells: readonly number[]): number {
  return cells.reduce((best, cell) =>
    calq[cell] > calq[best] || (calq[cell] === calq[best] && cell < best) ? cell : best,
  );
}
