/** Catalogue rows 4, 5, 11 to 16 for HDF5, and R3: no reader opens a second file. Files: files/record.py. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readModules } from "../../harness/io/moduletable.js";
import { Hdf5Thread } from "../../harness/readers/hdf5thread.js";
import { refusal, temporaryFolder } from "../io/temporary.js";
import { readers } from "../readers/tables.js";

const temporary = temporaryFolder();
const file = (name: string): string => fileURLToPath(new URL(`files/${name}`, import.meta.url));

describe("rows 11 to 13: refused by name", () => {
  it.each([
    ["external-link.h5", "hdf5-link", "/CALQ: a link to another file: expected data in this file, got a link to secret.h5"],
    ["soft-link-to-external-link.h5", "hdf5-link", "/other: a link to another file"],
    ["external-storage.h5", "hdf5", "external storage: expected data in this file, got a reference to another file"],
    ["external-storage-device.h5", "hdf5", "external storage: expected data in this file, got a reference to another file"],
    ["virtual.h5", "hdf5-virtual", "/CALQ: a virtual dataset: expected data in this file, got a view of secret.h5"],
    ["link-loop.h5", "hdf5-link", "/CALQ: links lead in a circle"],
    ["link-to-itself.h5", "hdf5-link", "/CALQ: links lead in a circle"],
    ["link-to-nothing.h5", "dataset", "/CALQ: not a dataset: expected a dataset, got nothing"],
    ["group.h5", "dataset", "/CALQ: not a dataset: expected a dataset, got a group"],
    ["data-type.h5", "dataset", "/CALQ: not a dataset: expected a dataset, got a named data type"],
    ["missing.h5", "dataset", "no charges found: expected a dataset CALQ or 48 datasets CALQ_0..CALQ_47, got charges"],
    ["text.h5", "dtype", "/CALQ: wrong element type: expected integers or floats of at most 8 bytes, got text of 3 bytes"],
    ["rank.h5", "shape", "/CALQ: wrong shape: expected [rows, 48], got 2 x 2 x 48"],
    ["scalar.h5", "shape", "/CALQ: wrong shape: expected [rows, 48], got a single value"],
    ["transposed.h5", "columns", "/CALQ: wrong number of columns"],
    ["huge.h5", "shape", "/CALQ: larger than its file can hold"],
    ["columns-uneven.h5", "shape", "/CALQ_5: wrong length: expected 20 rows as in /CALQ_0, got 19"],
    ["columns-47.h5", "columns", "column CALQ_47 is missing"],
  ])("%s", async (name, tag, message) => {
    const error = await refusal(() => readModules(file(name), readers));
    expect(error).toMatchObject({ exitCode: 3, tag });
    expect(error.message).toContain(message);
  }); // prettier-ignore

  it("says what else is in the group", async () => {
    const error = await refusal(() => readModules(file("group.h5"), readers));
    expect(error.remedy).toContain("/ has: CALQ, charges");
    const named = await refusal(() => readModules(file("sound.h5"), readers, { dataset: "CALK" }));
    expect(named.message).toContain("/CALK: not a dataset: expected a dataset, got nothing");
  });

  it("row 14: an unknown filter is named", async () => {
    const bytes = readFileSync(file("sound-packed.h5"));
    bytes.writeUInt16LE(305, bytes.indexOf("deflate") - 8); // the filter's number stands before its name
    const error = await refusal(() => readModules(temporary.write("filter.h5", bytes), readers));
    expect(error.message).toContain(
      "unsupported filter: expected gzip, shuffle, fletcher32, szip, lzf or none, got 305",
    );
  });
});

describe("rows 15 and 16: a parser that dies or hangs", () => {
  const thread = (code: string): Hdf5Thread =>
    Hdf5Thread.take(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
  const listen = (body: string): string =>
    `import { parentPort } from "node:worker_threads"; parentPort.on("message", () => { ${body} });`;

  it.each([
    ["exits", listen("process.exit(7)"), "exit code 7"],
    ["throws outside its promise", listen("setTimeout(() => { throw new Error('late') })"), "late"],
    [
      "reports an abort",
      listen("parentPort.postMessage({ kind: 'crashed', message: 'Aborted()' })"),
      "Aborted()",
    ],
    ["cannot start", "import 'node:no-such-module'", "no-such-module"],
  ])("%s: a refusal, and the next file is read", async (_, code, reason) => {
    const error = await refusal(() => thread(code).ask({ kind: "next" }, "x.h5"));
    expect(error).toMatchObject({ exitCode: 3, tag: "reader-crashed" });
    expect(error.message).toContain(reason);
    expect((await readModules(file("sound.h5"), readers)).rows).toBe(20);
  });

  it("loops: stopped at the limit", async () => {
    const error = await refusal(() => thread(listen("for (;;);")).ask({ kind: "next" }, "x.h5", 0.3));
    expect(error).toMatchObject({ exitCode: 6, tag: "time" });
  });
});

describe("row 4: HDF5 cut short", () => {
  it("every 61st length is refused", async () => {
    const bytes = readFileSync(file("sound-packed.h5"));
    for (let length = 1; length < bytes.length; length += 61) {
      const path = temporary.write("short.h5", bytes.subarray(0, length));
      expect((await refusal(() => readModules(path, readers))).exitCode).toBe(3);
    }
  });
});
