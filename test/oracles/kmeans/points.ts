/**
 * Points that this project and the recording script (record.py) both make from whole numbers, exactly: coordinate j of point i is
 * ((7919 i + 104729 j + 31 i i + 17 i j + 3 j j j) mod 1009) / 64 + 3 (i mod 5) (j + 1) + i (j + 3) / 8192.
 */
export function oraclePoints(points: number, dims: number): Float64Array {
  return Float64Array.from({ length: points * dims }, (_, at) => {
    const i = Math.floor(at / dims);
    const j = at % dims;
    const mixed = (7919 * i + 104729 * j + 31 * i * i + 17 * i * j + 3 * j * j * j) % 1009;
    return mixed / 64 + 3 * (i % 5) * (j + 1) + (i * (j + 3)) / 8192;
  });
}
