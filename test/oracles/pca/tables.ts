/**
 * Tables that this project and the recording script (record.py) both make from whole numbers, exactly: element (i, j) is
 * ((7919 i + 104729 j + 31 i i + 17 i j + 3 j j j) mod 1009) / 64, plus 2 ((i j) mod 7) for odd j, plus an offset.
 */
export interface TableSpec {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly offset: number;
}

export function oracleTable({ rows, columns, offset }: TableSpec): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const i = Math.floor(at / columns);
    const j = at % columns;
    const mixed = (7919 * i + 104729 * j + 31 * i * i + 17 * i * j + 3 * j * j * j) % 1009;
    return mixed / 64 + (j % 2 === 1 ? 2 * ((i * j) % 7) : 0) + offset;
  });
}
