/** Catalogue rows 1 to 6, 10 and 11 for tables of every format but the text and HDF5 ones, which have files of their own. */
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readModules } from "../../harness/io/moduletable.js";
import { sha256 } from "../../harness/io/hash.js";
import type { Reader } from "../../harness/core/reader.js";
import { refusal, temporaryFolder } from "../io/temporary.js";
import { charges, csvText, doubles, npyBytes, readers, sameBits } from "../readers/tables.js";
import { zipBytes } from "../readers/zip.js";

const temporary = temporaryFolder();
const values = charges(5);
const csv = csvText(values);
const npy = npyBytes("<f8", "5, 48", doubles(values));
const limits = { maxBytes: 1 << 20, maxRows: 1000 };

const refused = async (path: string, options = {}) => {
  const error = await refusal(() => readModules(path, readers, options));
  const { exitCode, tag, message } = error;
  return { exitCode, tag, message: message.replaceAll(`${temporary.folder}/`, "") };
};

describe("row 1: what cannot be read", () => {
  it("missing files, also below a file", async () => {
    expect(await refused(temporary.path("none.csv"))).toMatchObject({
      exitCode: 3,
      message: "none.csv: cannot be read: expected a readable file, got no such file",
    });
    expect((await refused(`${temporary.write("a.csv", csv)}/b.csv`)).message).toContain("got no such file");
  });

  it("folders, devices, names with NUL, links to themselves", async () => {
    mkdirSync(temporary.path("folder.csv"));
    expect((await refused(temporary.path("folder.csv"))).message).toContain(
      "not a file: expected a regular file, got a folder",
    );
    expect((await refused("/dev/null")).message).toContain("got a device, pipe or socket");
    expect((await refused("a\0b.csv")).message).toContain("got a name with a NUL character");
    symlinkSync(temporary.path("self.csv"), temporary.path("self.csv"));
    expect((await refused(temporary.path("self.csv"))).message).toContain("leads back to itself");
  });

  it.skipIf(process.getuid?.() === 0)("no permission", async () => {
    const path = temporary.write("secret.csv", csv);
    chmodSync(path, 0);
    expect(await refused(path)).toMatchObject({ exitCode: 3 });
  });

  it("no permission, told by the system call (twin of the test above that always runs)", async () => {
    const { unreadable } = await import("../../harness/io/source.js");
    const error = unreadable("x.csv", Object.assign(new Error("no"), { code: "EACCES" }));
    expect(error.message).toBe(
      "x.csv: cannot be read: expected a readable file, got no permission to read it",
    );
  });
});

describe("row 2: empty files", () => {
  it.each(["a.csv", "a.h5", "a.npy", "a.npz", "a.csv.gz", "a"])("%s", async (name) => {
    expect((await refused(temporary.write(name, ""))).message).toBe(
      `${name}: is empty: expected rows of data, got 0 bytes`,
    );
  });

  it("nothing but gzip wrapping", async () => {
    expect((await refused(temporary.write("b.csv.gz", gzipSync("")))).message).toContain("is empty");
  });
});

describe("row 3: another hash than expected", () => {
  it("is refused before a reader sees a byte, with 12 digits of both", async () => {
    const touched: string[] = [];
    const spy: Reader = {
      id: "spy",
      title: "spy",
      extensions: ["csv"],
      matches: () => touched.push("matches") > 0,
      open: () => Promise.reject(new Error("opened")),
    };
    const path = temporary.write("hash.csv", csv);
    const error = await refusal(() =>
      readModules(path, new Map([["spy", spy]]), { expectedSha256: "0123456789abcdef".repeat(4) }),
    );
    expect(error.message).toContain(
      `expected SHA-256 0123456789ab, got ${sha256(Buffer.from(csv)).slice(0, 12)}`,
    );
    expect(touched).toEqual([]);
    expect((await readModules(path, readers, { expectedSha256: sha256(Buffer.from(csv)) })).rows).toBe(5);
  });
});

describe("row 4: cut short", () => {
  it("npy at every length", async () => {
    for (let length = 1; length < npy.length; length += length < 200 ? 1 : 37) {
      const error = await refused(temporary.write("short.npy", npy.subarray(0, length)));
      expect(error.exitCode).toBe(3);
    }
    expect((await refused(temporary.write("short.npy", npy.subarray(0, 2000)))).message).toBe(
      "short.npy: shorter than its header says: expected 2048 bytes, got 2000",
    );
  });

  it("npz and gzip at every length", async () => {
    const npz = zipBytes([{ name: "CALQ.npy", data: npy, deflate: true }]);
    for (let length = 1; length < npz.length; length += 7)
      expect((await refused(temporary.write("short.npz", npz.subarray(0, length)))).exitCode).toBe(3);
    const gz = gzipSync(csv);
    for (let length = 1; length < gz.length; length++)
      expect((await refused(temporary.write("short.csv.gz", gz.subarray(0, length)))).exitCode).toBe(3);
    expect((await refused(temporary.write("short.csv.gz", gz.subarray(0, 300)))).message).toContain(
      "gzip data ends early",
    );
  });
});

describe("row 5: flipped bits where a checksum stands", () => {
  it("every bit of a gzip file: refused, or the same rows", async () => {
    const gz = gzipSync(csvText(new Float64Array(48).fill(7)));
    const good = (await readModules(temporary.write("good.csv.gz", gz), readers)).calq;
    let same = 0;
    for (let bit = 0; bit < 8 * gz.length; bit++) {
      const bad = Buffer.from(gz);
      bad[bit >> 3] ^= 1 << (bit & 7);
      const path = temporary.write("flip.csv.gz", bad);
      try {
        expect(sameBits((await readModules(path, readers)).calq, good)).toBe(true);
        same++;
      } catch (error) {
        expect(error).toMatchObject({ exitCode: 3 });
      }
    }
    expect(same).toBeLessThan(8 * 10); // flags and times of the ten header bytes say nothing about the data
  });

  it("a wrong CRC in a zip archive", async () => {
    const path = temporary.write("crc.npz", zipBytes([{ name: "CALQ.npy", data: npy, crc: 1 }]));
    expect((await refused(path)).message).toContain("its CRC-32 is not the one that the archive lists");
  });
});

describe("row 6: content that contradicts the name", () => {
  it.each([
    ["text.h5", csv, "does not look like HDF5: expected its first bytes, got text"],
    ["text.npy", csv, "does not look like NumPy: expected its first bytes, got text"],
    ["text.npz", csv, "does not look like NumPy archive: expected its first bytes, got text"],
    ["array.csv", npy, "does not look like CSV: expected its first bytes, got a NumPy array"],
    ["zip.npy", zipBytes([{ name: "a", data: npy }]), "got a zip archive"],
    ["text.csv.gz", csv, "does not look like gzip: expected its first bytes, got text"],
    [
      "twice.csv.gz",
      gzipSync(gzipSync(csv)),
      "does not look like CSV: expected its first bytes, got gzip data",
    ],
    ["data.bin", Buffer.from([1, 2, 3, 0]), "got unknown binary data"],
    ["cells.csv", Buffer.from("WMK1\u0001\u0000"), "got a wafermark container"],
  ])("%s", async (name, content, message) => {
    expect(await refused(temporary.write(name, content))).toMatchObject({ exitCode: 3, tag: "format" });
    expect((await refused(temporary.path(name))).message).toContain(message);
  });

  it("gzip under a plain name, and plain data without an ending, are read", async () => {
    expect((await readModules(temporary.write("packed.csv", gzipSync(csv)), readers)).rows).toBe(5);
    expect((await readModules(temporary.write("array", npy), readers)).rows).toBe(5);
  });
});

describe("row 10: bombs", () => {
  it("gzip stops at the budget", async () => {
    const path = temporary.write("bomb.csv.gz", gzipSync(Buffer.alloc(64 << 20, "1,")));
    expect(readFileSync(path).length).toBeLessThan(1 << 20);
    const error = await refusal(() => readModules(path, readers, { limits }));
    expect(error.exitCode === 6 || error.message.includes("a line is too long")).toBe(true);
    const rows = temporary.write(
      "rows.csv.gz",
      gzipSync(`${new Array(48).fill(0).join(",")}\n`.repeat(100_000)),
    );
    expect(await refused(rows, { limits })).toMatchObject({ exitCode: 6, tag: "too-large" });
  });

  it("zip stops at the declared size and at the budget", async () => {
    const big = npyBytes("<f8", "20000, 48", Buffer.alloc(20_000 * 48 * 8));
    const declared = temporary.write("bomb.npz", zipBytes([{ name: "CALQ.npy", data: big, deflate: true }]));
    expect(await refused(declared, { limits })).toMatchObject({ exitCode: 6, tag: "too-large" });
    const lying = temporary.write(
      "lie.npz",
      zipBytes([{ name: "CALQ.npy", data: big, deflate: true, size: 2048 }]),
    );
    expect(await refused(lying, { limits })).toMatchObject({ exitCode: 3 });
  });
});

describe("row 11: counts that cannot be", () => {
  it.each([
    ["1099511627776, 48", "impossible shape|too many rows|shorter than its header says"],
    ["4294967295, 48", "too many rows"],
    ["-1, 48", "header not understood"],
    ["9007199254740993, 48", "impossible shape"],
    ["99999999999999999999, 99999999999999999999", "impossible shape"],
    ["5, 48, 1", "wrong shape: expected \\[rows, 48\\], got \\(5, 48, 1\\)"],
    ["240,", "wrong shape"],
    ["48, 5", "wrong number of columns"],
    ["4, 48", "bytes behind the end of the array: expected 1664 bytes"],
    ["6, 48", "shorter than its header says: expected 2432 bytes, got 2048"],
  ])("npy shape (%s)", async (shape, message) => {
    const error = await refused(temporary.write("shape.npy", npyBytes("<f8", shape, doubles(values))));
    expect(error.exitCode).toBe(3);
    expect(error.message).toMatch(new RegExp(message));
  });

  it.each(["|O", "<c16", "<U4", "<f16", "<i3", "[('a', '<f8')]"])("npy element type %s", async (type) => {
    const bytes = npyBytes(type, "5, 48", doubles(values));
    const text = Buffer.from(bytes);
    if (type.startsWith("["))
      text.set(Buffer.from(text.subarray(10, 128).toString().replace(`'${type}'`, type).padEnd(118)), 10);
    expect((await refused(temporary.write("type.npy", text))).exitCode).toBe(3);
  });

  it("npy: unknown version, a header of 4 GiB, integers beyond 2^53", async () => {
    const version = Buffer.from(npy);
    version[6] = 9;
    expect((await refused(temporary.write("v.npy", version))).message).toContain(
      "expected 1.0, 2.0 or 3.0, got 9.0",
    );
    const long = Buffer.from(npy);
    long[6] = 2;
    long.writeUInt32LE(0xffffffff, 8);
    expect((await refused(temporary.write("l.npy", long))).message).toContain("NPY header too long");
    const big = npyBytes("<u8", "5, 48", new Uint8Array(5 * 48 * 8).fill(255));
    expect((await refused(temporary.write("b.npy", big))).message).toContain("integer too large");
  });

  it("npz: encrypted, unknown method, two of one name, no array to choose, no such array", async () => {
    const one = (entry: object) =>
      temporary.write("z.npz", zipBytes([{ name: "CALQ.npy", data: npy, ...entry }]));
    expect((await refused(one({ flags: 1, deflate: true }))).message).toMatch(/encrypted/);
    expect((await refused(one({ method: 14 }))).message).toContain("got 14");
    const twice = zipBytes([
      { name: "CALQ.npy", data: npy },
      { name: "CALQ.npy", data: npy },
    ]);
    expect((await refused(temporary.write("z.npz", twice))).message).toContain("two entries called CALQ.npy");
    const two = zipBytes([
      { name: "a.npy", data: npy },
      { name: "b.npy", data: npy },
    ]);
    expect((await refused(temporary.write("z.npz", two))).message).toContain("got a, b");
    expect((await refused(temporary.path("z.npz"), { dataset: "c" })).message).toContain(
      "expected c, got a, b",
    );
    const outside = zipBytes([{ name: "../CALQ.npy", data: npy }]);
    expect((await refused(temporary.write("z.npz", outside))).exitCode).toBe(3);
  });
});
