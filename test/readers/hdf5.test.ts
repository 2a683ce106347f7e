import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readModules } from "../../harness/io/moduletable.js";
import { readers, sameBits } from "./tables.js";

const file = (name: string): string => fileURLToPath(new URL(`../bad-input/files/${name}`, import.meta.url));
/** The numbers of record.py. */
const expected = Float64Array.from({ length: 20 * 48 }, (_, i) => (i * 37) % 101);

describe("readModules of HDF5", () => {
  it.each([
    "sound.h5", "sound-packed.h5", "sound-columns.h5", "sound-big-endian.h5", "sound-half.h5", "sound-soft-link.h5",
    "sound-user-block.h5",
  ])("reads %s", async (name) => {
    const table = await readModules(file(name), readers);
    expect(table.provenance.format).toBe("hdf5");
    expect(sameBits(table.calq, expected)).toBe(true);
  }); // prettier-ignore

  it("keeps one-dimensional datasets with known names as labels and names the others", async () => {
    const table = await readModules(file("sound.h5"), readers);
    expect(Array.from(table.labels.get("layer") ?? [])).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(table.census.ignoredColumns).toEqual(["remark"]);
    const columns = await readModules(file("sound-columns.h5"), readers);
    expect(columns.labels.get("eta")?.[19]).toBe(3);
  });

  it("reads the dataset that is named", async () => {
    const table = await readModules(file("sound-soft-link.h5"), readers, { dataset: "inner/data" });
    expect(sameBits(table.calq, expected)).toBe(true);
  });
});
