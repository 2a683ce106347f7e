import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readModules } from "../../harness/io/moduletable.js";
import { temporaryFolder } from "../io/temporary.js";
import { charges, doubles, npyBytes, readers, sameBits } from "./tables.js";
import { zipBytes } from "./zip.js";

const temporary = temporaryFolder();
const read = (name: string, bytes: Uint8Array, options = {}) =>
  readModules(temporary.write(name, bytes), readers, options);

/** Raw elements of a type, in either byte order, from whole numbers. */
function elements(type: string, values: Float64Array): Uint8Array {
  const little = !type.startsWith(">");
  const size = Number(type[2]);
  const bytes = new Uint8Array(size * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    const at = i * size;
    const writers: Record<string, () => void> = {
      f8: () => {
        view.setFloat64(at, value, little);
      },
      f4: () => {
        view.setFloat32(at, value, little);
      },
      f2: () => {
        view.setUint16(at, halfBits(value), little);
      },
      i8: () => {
        view.setBigInt64(at, BigInt(value), little);
      },
      u8: () => {
        view.setBigUint64(at, BigInt(value), little);
      },
      i4: () => {
        view.setInt32(at, value, little);
      },
      u4: () => {
        view.setUint32(at, value, little);
      },
      i2: () => {
        view.setInt16(at, value, little);
      },
      u2: () => {
        view.setUint16(at, value, little);
      },
      i1: () => {
        view.setInt8(at, value);
      },
      u1: () => {
        view.setUint8(at, value);
      },
      b1: () => {
        view.setUint8(at, value);
      },
    };
    writers[type.slice(1)]();
  });
  return bytes;
}

/** binary16 of a whole number below 2048. */
function halfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(value));
  return ((exponent + 15) << 10) | ((value / 2 ** exponent - 1) * 1024);
}

describe("npy", () => {
  it.each([
    "<f8", ">f8", "<f4", ">f4", "<f2", ">f2", "<i8", ">i8", "<u8", ">u8", "<i4", ">i4", "<u4", ">u4", "<i2", ">i2",
    "<u2", ">u2", "|i1", "|u1", "|b1",
  ])("reads %s", async (type) => {
    const most = type === "|b1" ? 2 : type === "|i1" ? 128 : 256;
    const values = charges(7).map((value) => value % most);
    const table = await read("type.npy", npyBytes(type, "7, 48", elements(type, values)));
    expect(sameBits(table.calq, values)).toBe(true);
  }); // prettier-ignore

  it("reads column-major arrays, many slabs and packed files", async () => {
    const values = charges(9000);
    const transposed = Float64Array.from(values, (_, i) => values[(i % 9000) * 48 + Math.floor(i / 9000)]);
    const straight = await read("c.npy", npyBytes("<f8", "9000, 48", doubles(values)));
    expect(sameBits(straight.calq, values)).toBe(true);
    const fortran = await read("f.npy", npyBytes("<f8", "9000, 48", doubles(transposed), true));
    expect(sameBits(fortran.calq, values)).toBe(true);
    const packed = await read("p.npy.gz", gzipSync(npyBytes("<f8", "9000, 48", doubles(values))));
    expect(sameBits(packed.calq, values)).toBe(true);
  });

  it("reads the special halves: subnormal, largest, infinite", async () => {
    const bits = Uint16Array.from({ length: 48 }, (_, i) => [0x0001, 0x7bff, 0x03ff, 0x3c00][i % 4]);
    const table = await read("half.npy", npyBytes("<f2", "1, 48", new Uint8Array(bits.buffer)));
    expect(Array.from(table.calq.subarray(0, 4))).toEqual([2 ** -24, 65504, 1023 * 2 ** -24, 1]);
  });

  it("reads versions 2 and 3 of the header, and no rows", async () => {
    for (const version of [2, 3]) {
      const text = "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 48), }\n";
      const head = Buffer.concat([
        Buffer.from(`\u0093NUMPY`, "latin1"),
        Buffer.from([version, 0, text.length, 0, 0, 0]),
      ]);
      const table = await read("v.npy", Buffer.concat([head, Buffer.from(text)]));
      expect(table.rows).toBe(0);
    }
  });
});

describe("npz", () => {
  const values = charges(5);
  const calq = npyBytes("<f8", "5, 48", doubles(values));
  const eta = npyBytes("<f8", "5,", doubles(Float64Array.of(1, 2, 3, 4, 5)));
  const other = npyBytes("<f8", "2, 2", doubles(Float64Array.of(1, 2, 3, 4)));

  it("takes CALQ, and one-dimensional arrays with known names as labels", async () => {
    const entries = [
      { name: "other.npy", data: other },
      { name: "eta.npy", data: eta, deflate: true },
      { name: "CALQ.npy", data: calq, deflate: true },
    ];
    const table = await read("a.npz", zipBytes(entries));
    expect(sameBits(table.calq, values)).toBe(true);
    expect(Array.from(table.labels.get("eta") ?? [])).toEqual([1, 2, 3, 4, 5]);
    expect(table.census.ignoredColumns).toEqual(["other"]);
  });

  it("takes the only two-dimensional array, or the one that is named", async () => {
    const one = zipBytes([
      { name: "arr_0.npy", data: calq },
      { name: "x.npy", data: eta },
    ]);
    expect((await read("b.npz", one)).rows).toBe(5);
    const two = zipBytes([
      { name: "p.npy", data: calq },
      { name: "q.npy", data: other },
    ]);
    expect((await read("c.npz", two, { dataset: "p" })).rows).toBe(5);
  });
});
