/**
 * Datasets as a facility: the same rows from any number of threads, out of the cache, in every file format; damage told, never used.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ModuleTable } from "../../harness/core/table.js";
import { exportDataset } from "../../harness/engine/datasetexport.js";
import {
  chargesHash,
  makeDataset,
  makeVariant,
  readManifest,
  sourceOf,
} from "../../harness/engine/datasets.js";
import { streamChunks } from "../../harness/engine/datasetstream.js";
import { readers } from "../../harness/engine/plugins.generated.js";
import type { Progress } from "../../harness/engine/progress.js";
import { cachedTablePath } from "../../harness/io/datasetcache.js";
import { readImport, removeImport, writeImport } from "../../harness/io/imports.js";
import { readModules } from "../../harness/io/moduletable.js";
import { refusal, temporaryFolder } from "../io/temporary.js";

const temporary = temporaryFolder();
const ID = "hgcal-ttbar-0pu";

const same = (a: ModuleTable, b: ModuleTable): void => {
  expect(chargesHash(a.calq)).toBe(chargesHash(b.calq));
  expect([...a.labels].map(([name, column]) => [name, [...column]])).toEqual(
    [...b.labels].map(([name, column]) => [name, [...column]]),
  );
};

describe("rows of a generator", () => {
  it("are the same from one thread and from several", async () => {
    const one = await makeVariant(ID, 1100, 5, { threads: 1 });
    same(await makeVariant(ID, 1100, 5, { threads: 3 }), one);
    expect(one.rows).toBe(1100);
  });

  it("begin the same whatever the number, and stop at the units asked for", async () => {
    const source = sourceOf(await readManifest(ID));
    const rows: number[] = [];
    for await (const chunk of streamChunks(source, { threads: 1, units: 260 })) rows.push(chunk.rows);
    expect(rows.reduce((sum, n) => sum + n, 0)).toBe((await makeVariant(ID, { units: 260 }, undefined)).rows);
    const few = await makeVariant(ID, 30, undefined);
    const more = await makeVariant(ID, 300, undefined);
    expect([...few.calq]).toEqual([...more.calq.subarray(0, few.calq.length)]);
  });

  it.each([{ rows: 45 }, { units: 7 }])("tell as many steps as were asked for: %j", async (amount) => {
    const told: [number | undefined, number][] = [];
    const progress: Progress = {
      begin: (_, total) => {
        told.push([total, 0]);
        return { advance: (steps = 1) => void (told[0][1] += steps), end: () => undefined };
      },
    };
    const asked = "rows" in amount ? amount.rows : amount.units;
    await makeVariant(ID, amount, 5, { progress });
    expect(told).toEqual([[asked, asked]]);
  });

  it("stop on several threads when the signal is aborted", async () => {
    const stop = new AbortController();
    const chunks = streamChunks(sourceOf(await readManifest(ID)), { threads: 2, signal: stop.signal });
    await chunks.next();
    stop.abort(new Error("enough"));
    await expect(chunks.next()).rejects.toThrow("enough");
  });
});

describe("the cache", () => {
  it("gives the rows and labels that were made", async () => {
    const cache = temporary.path("cache");
    const made = await makeDataset(ID, "smoke", { cache });
    const file = cachedTablePath(made.provenance.sha256, cache);
    expect(existsSync(file)).toBe(true);
    const before = readFileSync(file);
    const notes: string[] = [];
    same(await makeDataset(ID, "smoke", { cache, note: (text) => void notes.push(text) }), made);
    expect(notes).toEqual([]);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it.each([
    ["a flipped charge", (bytes: Buffer) => bytes.fill(bytes[5000] ^ 1, 5000, 5001)],
    [
      "a flipped label",
      (bytes: Buffer) => bytes.fill(bytes[bytes.length - 40] ^ 1, bytes.length - 40, bytes.length - 39),
    ],
    ["a cut end", (bytes: Buffer) => bytes.subarray(0, bytes.length - 9)],
    ["nothing", () => Buffer.alloc(0)],
    ["another header", (bytes: Buffer) => Buffer.concat([Buffer.from("{}\n"), bytes])],
  ])("makes a damaged entry again and says so: %s", async (_, damage) => {
    const cache = temporary.path("damaged");
    const notes: string[] = [];
    const note = (text: string): void => void notes.push(text);
    const made = await makeDataset(ID, "smoke", { cache, note });
    expect(notes).toEqual([]);
    const file = cachedTablePath(made.provenance.sha256, cache);
    const sound = readFileSync(file);
    writeFileSync(file, damage(Buffer.from(sound)));
    same(await makeDataset(ID, "smoke", { cache, note }), made);
    expect(notes).toEqual([
      `dataset ${ID} (smoke): its cache entry is damaged or of another version, and is made again`,
    ]);
    expect(readFileSync(file).equals(sound)).toBe(true);
  });

  it("that cannot be written is told, and the rows are made all the same", async () => {
    const cache = join(temporary.write("file", "in the way"), "cache");
    const notes: string[] = [];
    const made = await makeDataset(ID, "smoke", { cache, note: (text) => void notes.push(text) });
    expect(made.rows).toBe((await readManifest(ID)).sizes.smoke);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/not kept in the cache .*WAFERMARK_CACHE.*a file where a folder should be/);
  });

  it("takes two makers of one set at once: one whole entry, nothing left over", async () => {
    const cache = temporary.path("two");
    const [a, b] = await Promise.all([
      makeDataset(ID, "smoke", { cache }),
      makeDataset(ID, "smoke", { cache, threads: 2 }),
    ]);
    same(a, b);
    expect(readdirSync(join(cache, "datasets"))).toEqual([`${a.provenance.sha256}.table`]);
    same(await makeDataset(ID, "smoke", { cache }), a);
  });
});

describe("exported files", () => {
  it.each(["x.csv", "x.h5", "x.npy"])("%s read back as the rows that were made", async (name) => {
    const manifest = await readManifest(ID);
    const path = temporary.path(name);
    const made = await exportDataset(manifest, { rows: 300 }, path, { threads: 1, seed: 9 });
    const back = await readModules(path, readers);
    const expected = await makeVariant(ID, 300, 9);
    expect(made.sha256).toBe(chargesHash(expected.calq));
    expect(chargesHash(back.calq)).toBe(made.sha256);
    if (name.endsWith("npy")) return;
    for (const [label, column] of expected.labels)
      expect([...(back.labels.get(label) ?? [])]).toEqual([...column]);
    expect(expected.labels.has("entry")).toBe(true);
  });

  it("are the same bytes at another time and with more threads", async () => {
    const manifest = await readManifest(ID);
    for (const [name, threads] of [
      ["t1.h5", 1],
      ["t2.h5", 2],
    ] as const)
      await exportDataset(manifest, { rows: 600 }, temporary.path(name), { threads });
    expect(readFileSync(temporary.path("t1.h5")).equals(readFileSync(temporary.path("t2.h5")))).toBe(true);
  });

  it("have the published column names in their order", async () => {
    const path = temporary.path("names.csv");
    await exportDataset(await readManifest(ID), { rows: 3 }, path, { threads: 1 });
    const [header, first] = readFileSync(path, "utf8").split("\n");
    expect(header).toMatch(/^entry,CALQ_0,CALQ_1,.*,CALQ_47,.*subdet,.*layer,.*HD_LD,.*eta/);
    expect(first).toMatch(/^0,/);
    expect(first).toMatch(/,(LD|HD),/);
  });

  it("do not appear when the rows are not those of the hash, and leave a former file alone", async () => {
    const path = temporary.write("former.csv", "former");
    const manifest = await readManifest(ID);
    const problem = await refusal(() =>
      exportDataset(manifest, { rows: 10 }, path, { threads: 1, expectedSha256: "0".repeat(64) }),
    );
    expect(problem.exitCode).toBe(4);
    expect(readFileSync(path, "utf8")).toBe("former");
    expect(readdirSync(temporary.folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it.each(["x.parquet", "x", "x.txt"])(
    "are refused under the name %s before anything is made",
    async (name) => {
      const problem = await refusal(async () =>
        exportDataset(await readManifest(ID), { rows: 10 }, temporary.path(name), { threads: 1 }),
      );
      expect(problem.message).toMatch(/expected a name in \.csv, \.npy or \.h5/);
    },
  );

  it.each(["folder.csv", "folder.h5"])(
    "are refused under a folder's name %s before a row is made",
    async (name) => {
      mkdirSync(temporary.path(name));
      const stop = new AbortController();
      const progress: Progress = {
        begin: () => ({
          advance: () => {
            stop.abort(new Error("rows were made"));
          },
          end: () => undefined,
        }),
      };
      const problem = await refusal(async () =>
        exportDataset(await readManifest(ID), { rows: 900 }, temporary.path(name), {
          threads: 1,
          progress,
          signal: stop.signal,
        }),
      );
      expect([problem.exitCode, problem.message]).toEqual([
        6,
        expect.stringContaining("a folder of that name"),
      ]);
    },
  );

  it("in a folder that is not there are refused, HDF5 too", async () => {
    for (const name of ["no/x.csv", "no/x.h5"]) {
      const problem = await refusal(async () =>
        exportDataset(await readManifest(ID), { rows: 10 }, temporary.path(name), { threads: 1 }),
      );
      expect([problem.exitCode, problem.message]).toEqual([6, expect.stringContaining("no such folder")]);
    }
  });
});

describe("an imported file", () => {
  it("takes the id's place with its own provenance, until it is taken away", async () => {
    const cache = temporary.path("imports");
    const path = temporary.path("real.csv");
    await exportDataset(await readManifest(ID), { rows: 40 }, path, { threads: 1, seed: 3 });
    const { provenance } = await readModules(path, readers);
    const id = "hgcal-ttbar-200pu";
    const record = { importVersion: 1, id, path, sha256: provenance.sha256, rows: 40, unit: "calq" } as const;
    await writeImport({ ...record, reading: {}, licence: "CC0" }, cache);
    const table = await makeDataset(id, "standard", { cache });
    expect(table.rows).toBe(40);
    expect(table.id).toBe(id);
    expect(table.provenance).toMatchObject({
      kind: "file",
      sha256: provenance.sha256,
      licence: "CC0",
      name: `${path} (imported as ${id})`,
    });
    // Without a cache folder nothing imported is looked at.
    expect((await makeDataset(id, "smoke")).provenance.kind).toBe("synthetic");
    writeFileSync(path, readFileSync(path, "utf8").replace(/\n$/, "\n\n"));
    const problem = await refusal(() => makeDataset(id, "standard", { cache }));
    expect([problem.exitCode, problem.message]).toEqual([3, expect.stringContaining("expected SHA-256")]);
    expect(await removeImport(id, cache)).toBe(true);
    expect(await removeImport(id, cache)).toBe(false);
    expect((await makeDataset(id, "smoke", { cache })).provenance.kind).toBe("synthetic");
  });

  it("whose record is damaged is refused with the way out", async () => {
    const cache = temporary.path("imports");
    await writeImport(
      {
        importVersion: 1,
        id: ID,
        path: "/x",
        sha256: "0".repeat(64),
        rows: 1,
        unit: "calq",
        reading: {},
        licence: null,
      },
      cache,
    );
    writeFileSync(join(cache, "imports", `${ID}.json`), '{"importVersion": 2}');
    const problem = await refusal(() => readImport(ID, cache));
    expect(problem.remedy).toContain(`--undo ${ID}`);
  });
});
