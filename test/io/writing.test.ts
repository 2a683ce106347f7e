/** Catalogue rows 44 to 46 and O2, O3: writing that fails at any step, locks, logs that were cut short. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
  appendFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { AppendLog, readLog } from "../../harness/io/appendlog.js";
import {
  AtomicFile,
  hostFileSystem,
  removeStaleParts,
  writeFileAtomic,
  type FileSystem,
} from "../../harness/io/atomic.js";
import { cacheFolder, getCached, putCached } from "../../harness/io/cache.js";
import { makeFolder } from "../../harness/io/folders.js";
import { readLatest, writeLatest } from "../../harness/io/latest.js";
import { acquireLock } from "../../harness/io/lock.js";
import { isAlive } from "../../harness/io/process.js";
import { refusal, temporaryFolder } from "./temporary.js";

const temporary = temporaryFolder();

/** The host's file system, except that call number `fatal` (from 0) fails with `code`; writes are at most `most` bytes. */
function failing(fatal: number, code: string, most = Infinity): { files: FileSystem; calls: () => number } {
  let calls = 0;
  const step = (): void => {
    if (calls++ === fatal) throw Object.assign(new Error(code), { code });
  };
  const files: FileSystem = {
    async open(path, flags) {
      step();
      const handle = await hostFileSystem.open(path, flags);
      return {
        async write(bytes, offset, length, position) {
          step();
          return handle.write(bytes, offset, Math.min(length, most), position);
        },
        async sync() {
          step();
          await handle.sync();
        },
        async close() {
          await handle.close();
          step();
        },
      };
    },
    async rename(from, to) {
      step();
      await hostFileSystem.rename(from, to);
    },
    rm: (path) => hostFileSystem.rm(path),
  };
  return { files, calls: () => calls };
}

describe("writeFileAtomic", () => {
  it("writes all bytes however short the single writes are", async () => {
    const path = temporary.path("short.bin");
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i);
    await writeFileAtomic(path, bytes, failing(-1, "", 7).files);
    expect(Uint8Array.from(readFileSync(path))).toEqual(bytes);
  });

  it.each(["ENOSPC", "EIO", "EACCES", "EROFS", "EDQUOT"])(
    "row 45: %s at the n-th call: old file whole, no temporary left, exit 6",
    async (code) => {
      const folder = temporary.path(`fail-${code}`);
      mkdirSync(folder);
      const path = `${folder}/report.json`;
      writeFileSync(path, "old and good");
      const count = failing(-1, "", 5);
      await writeFileAtomic(temporary.path("count"), "new content", count.files);
      const steps = count.calls();
      expect(steps).toBeGreaterThan(8);
      let refused = 0;
      for (let n = 0; n < steps; n++) {
        writeFileSync(path, "old and good");
        const { files } = failing(n, code, 5);
        try {
          await writeFileAtomic(path, "new content", files);
          expect(readFileSync(path, "utf8")).toBe("new content"); // only the folder's sync may fail without loss
        } catch (error) {
          expect(error).toMatchObject({ exitCode: 6, tag: "write" });
          expect(readFileSync(path, "utf8")).toBe("old and good");
          refused++;
        }
        expect(readdirSync(folder)).toEqual(["report.json"]);
      }
      expect(refused).toBe(steps - 3); // opening, syncing and closing the folder come after the rename
    },
  );

  it("a write that is accepted with no bytes is a failure, not a loop", async () => {
    const path = temporary.path("stuck.bin");
    const error = await refusal(() => writeFileAtomic(path, "x", failing(-1, "", 0).files));
    expect(error.message).toContain("cannot be written");
    expect(existsSync(path)).toBe(false);
  });

  it("names a folder that is not there, a folder in the way, and says what is safe", async () => {
    const error = await refusal(() => writeFileAtomic(temporary.path("none/x"), "x"));
    expect(error).toMatchObject({ exitCode: 6, safe: "a former file of that name is unchanged" });
    expect(error.message).toContain("got no such folder");
    mkdirSync(temporary.path("taken"));
    expect((await refusal(() => writeFileAtomic(temporary.path("taken"), "x"))).message).toContain(
      "a folder of that name",
    );
  });

  it("nobody sees a file before it is whole; abandoning removes it", async () => {
    const path = temporary.path("late.txt");
    const file = await AtomicFile.create(path);
    await file.write(Buffer.from("abc"));
    expect(existsSync(path)).toBe(false);
    await file.writeAt(Buffer.from("X"), 1);
    await file.commit();
    await file.abandon();
    expect(readFileSync(path, "utf8")).toBe("aXc");
    const other = await AtomicFile.create(temporary.path("never.txt"));
    await other.abandon();
    expect(readdirSync(temporary.folder).filter((name) => name.includes("never"))).toEqual([]);
  });

  it("row 44: temporaries of dead processes are removed and named, others stay", async () => {
    const folder = temporary.path("stale");
    mkdirSync(folder);
    const names = [`.a.json.99.0123456789ab.part`, `.a.json.98.0123456789ab.part`, "a.part", ".a.json.part"];
    for (const name of names) writeFileSync(`${folder}/${name}`, "");
    expect(await removeStaleParts(folder, (pid) => pid === 98)).toEqual([names[0]]);
    expect(readdirSync(folder).sort()).toEqual(names.slice(1).sort());
    expect(await removeStaleParts(temporary.path("not-there"), () => false)).toEqual([]);
  });
});

describe("acquireLock", () => {
  const owner = (folder: string, value: unknown): void => {
    mkdirSync(`${folder}/.lock`, { recursive: true });
    writeFileSync(`${folder}/.lock/owner.json`, JSON.stringify(value));
  };
  const deadPid = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

  it("row 46: the second is refused at once and told whose it is; a release frees it", async () => {
    const folder = temporary.path("locked");
    const lock = await acquireLock(folder);
    const error = await refusal(() => acquireLock(folder));
    expect(error).toMatchObject({ exitCode: 7, tag: "busy" });
    expect(error.message).toContain(`process ${process.pid} on ${hostname()} since 20`);
    await lock.release();
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
    await (await acquireLock(folder)).release();
  });

  it("one winner among many at once", async () => {
    const folder = temporary.path("race");
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => acquireLock(folder)));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ exitCode: 7 });
    expect(readdirSync(folder)).toEqual([".lock"]);
  });

  it("row 44: a dead owner of this host is replaced and named; one winner", async () => {
    const folder = temporary.path("dead");
    const pid = deadPid();
    expect(isAlive(pid)).toBe(false);
    owner(folder, { pid, host: hostname(), start: "2026-01-01T00:00:00.000Z" });
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(folder)));
    const won = results.filter((result) => result.status === "fulfilled");
    expect(won).toHaveLength(1);
    expect(won[0].value.replaced?.pid).toBe(pid);
    expect(readdirSync(folder)).toEqual([".lock"]);
  });

  it("a living process number that was born at another time is not the owner", async () => {
    const folder = temporary.path("reborn");
    owner(folder, { pid: process.pid, host: hostname(), start: "2026-01-01T00:00:00.000Z", birth: "1" });
    if (process.platform === "linux") await (await acquireLock(folder)).release();
    else expect((await refusal(() => acquireLock(folder))).exitCode).toBe(7);
  });

  it.each([
    ["another host", { pid: 1, host: "elsewhere", start: "2026-01-01T00:00:00.000Z" }, "on elsewhere"],
    ["nobody's", { nothing: true }, "does not say whose it is"],
  ])("a lock of %s is never broken", async (name, value, message) => {
    const folder = temporary.path(name.replaceAll(/\W/g, "-"));
    owner(folder, value);
    expect((await refusal(() => acquireLock(folder))).message).toContain(message);
  });
});

describe("AppendLog", () => {
  it("keeps whole rows and drops what a crash cut short", async () => {
    const path = temporary.path("rows.ndjson");
    const log = await AppendLog.open(path);
    await log.append({ row: 1, text: "a\nb" });
    await log.append({ row: 2 });
    await log.close();
    appendFileSync(path, '{"row":3,"te');
    expect(await readLog(path)).toEqual({ rows: [{ row: 1, text: "a\nb" }, { row: 2 }], tornBytes: 12 });
    const again = await AppendLog.open(path);
    await again.append({ row: 4 });
    await again.close();
    expect((await readLog(path)).rows).toEqual([{ row: 1, text: "a\nb" }, { row: 2 }, { row: 4 }]);
  });

  it("refuses a whole line that is not JSON, with its number", async () => {
    const path = temporary.write("bad.ndjson", '{"row":1}\nnot json\n');
    expect((await refusal(() => readLog(path))).message).toContain("bad.ndjson line 2: not JSON");
  });

  it("names a folder that is not there", async () => {
    expect((await refusal(() => AppendLog.open(temporary.path("none/rows")))).exitCode).toBe(6);
  });

  it("says that the rows before a failed one are kept", async () => {
    const path = temporary.path("failed.ndjson");
    const log = await AppendLog.open(path);
    await log.append({ row: 1 });
    await log.close();
    const error = await refusal(() => log.append({ row: 2 }));
    expect(error).toMatchObject({ exitCode: 6, safe: "the rows before it are in the file" });
    expect((await readLog(path)).rows).toEqual([{ row: 1 }]);
  });
});

describe("latest and cache", () => {
  it("records the newest run and refuses names that lead out", async () => {
    const folder = temporary.path("out");
    mkdirSync(folder);
    expect(await readLatest(folder)).toBeUndefined();
    await writeLatest(folder, "run-1");
    expect(await readLatest(folder)).toBe(`${folder}/run-1`);
    expect((await refusal(() => writeLatest(folder, "../run"))).exitCode).toBe(2);
    writeFileSync(`${folder}/latest`, "../../etc\n");
    expect((await refusal(() => readLatest(folder))).exitCode).toBe(2);
  });

  it("gives back bytes by hash and drops an entry that changed", async () => {
    const folder = temporary.path("cache");
    const hash = await putCached(Buffer.from("abc"), folder);
    expect(hash).toMatch(/^ba7816bf/);
    expect(Buffer.from((await getCached(hash, folder)) ?? []).toString()).toBe("abc");
    writeFileSync(`${folder}/ba/${hash}`, "abd");
    expect(await getCached(hash, folder)).toBeUndefined();
    expect(existsSync(`${folder}/ba/${hash}`)).toBe(false);
    expect(await getCached("../../etc/passwd", folder)).toBeUndefined();
  });

  it("is where the environment or the platform says", () => {
    expect(cacheFolder({ WAFERMARK_CACHE: "/x" }, "linux")).toBe("/x");
    expect(cacheFolder({ XDG_CACHE_HOME: "/y" }, "linux")).toBe("/y/wafermark");
    expect(cacheFolder({ XDG_CACHE_HOME: "relative" }, "linux")).toMatch(/\.cache\/wafermark$/);
    expect(cacheFolder({}, "darwin")).toMatch(/Library\/Caches\/wafermark$/);
    expect(statSync(temporary.folder).isDirectory()).toBe(true);
  });
});

describe("makeFolder", () => {
  it("makes all folders of a path, also for two at once, and takes one that is there", async () => {
    const path = temporary.path("a/b/c");
    await Promise.all([makeFolder(path), makeFolder(path)]);
    await makeFolder(path);
    expect(readdirSync(temporary.path("a/b"))).toEqual(["c"]);
  });

  it("refuses a file in the way", async () => {
    const problem = await refusal(() => makeFolder(`${temporary.write("in-the-way", "")}/x`));
    expect([problem.exitCode, problem.message]).toEqual([
      6,
      expect.stringContaining("a file where a folder"),
    ]);
  });

  it.runIf(process.platform === "linux")("refuses at once where nothing can be made: /proc", async () => {
    expect((await refusal(() => makeFolder("/proc/wafermark/cache"))).exitCode).toBe(6);
  });
});
