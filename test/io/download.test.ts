/** Downloads against a server on this machine that breaks off, lies, redirects and refuses. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { hostFileSystem } from "../../harness/io/atomic.js";
import { download, type DownloadOptions, type Wanted } from "../../harness/io/download.js";
import { sha256 } from "../../harness/io/hash.js";
import { nextAddress } from "../../harness/io/redirects.js";
import { fileServer, serving } from "./fileserver.js";
import { refusal, temporaryFolder } from "./temporary.js";

const temporary = temporaryFolder();
const server = await fileServer();
const content = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7919) >> 5);
const HASH = sha256(content);
const QUICK: DownloadOptions = { waitMs: 1, attempts: 3 };

let count = 0;
let target = "";
beforeEach(() => {
  target = join(temporary.folder, `case${count++}`, "file.bin");
  server.seen.length = 0;
});

const wanted = (changes: Partial<Wanted> = {}): Wanted => ({
  url: `${server.base}/file.bin`,
  bytes: content.length,
  sha256: HASH,
  ...changes,
});
const ranges = (): (string | undefined)[] => server.seen.map(({ range }) => range);
/** True when the part has grown to so many bytes. */
const reached = (bytes: number): boolean =>
  existsSync(`${target}.part`) && statSync(`${target}.part`).size >= bytes;
const names = (): string[] => readdirSync(join(target, ".."));

describe("a whole file", () => {
  it("arrives, is compared and stands alone; a second time nothing is asked for", async () => {
    server.answer = serving(content);
    const steps: number[] = [];
    const got = await download(wanted(), target, { ...QUICK, arrived: (bytes) => void steps.push(bytes) });
    expect(got).toEqual({ bytes: content.length, sha256: HASH, how: "new" });
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(names()).toEqual(["file.bin"]);
    expect(steps.at(-1)).toBe(content.length);
    expect((await download(wanted(), target, QUICK)).how).toBe("there");
    expect(server.seen).toHaveLength(1);
  });

  it("is taken without length and hash where the catalogue has none", async () => {
    server.answer = (_, response) => void response.writeHead(200).end(content);
    const got = await download(wanted({ bytes: null, sha256: null }), target, QUICK);
    expect([got.bytes, got.sha256]).toEqual([content.length, HASH]);
  });

  it("replaces another file of that name, and says so", async () => {
    server.answer = serving(content);
    await download(wanted(), target, QUICK);
    writeFileSync(target, "something else");
    const notes: string[] = [];
    await download(wanted(), target, { ...QUICK, note: (text) => void notes.push(text) });
    expect(notes).toEqual([`${target}: not the file of the catalogue, it is fetched again`]);
    expect(readFileSync(target).equals(content)).toBe(true);
  });
});

describe("an interrupted download", () => {
  it("goes on by itself from the byte where the connection broke", async () => {
    server.answer = serving(content, { cutAfter: 90_000, reached });
    const got = await download(wanted(), target, QUICK);
    expect(got).toMatchObject({ how: "resumed", sha256: HASH });
    expect(ranges()).toEqual([undefined, "bytes=90000-", "bytes=180000-"]);
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  it("that keeps breaking is given up, with its bytes kept for the next command", async () => {
    server.answer = serving(content, { cutAfter: 1000, reached });
    const problem = await refusal(() => download(wanted(), target, QUICK));
    expect([problem.exitCode, problem.tag]).toEqual([6, "network"]);
    expect(names()).toEqual(["file.bin.part", "file.bin.part.json"]);
    expect(readFileSync(`${target}.part`)).toHaveLength(3000);
    server.answer = serving(content);
    expect((await download(wanted(), target, QUICK)).how).toBe("resumed");
    expect(ranges().at(-1)).toBe("bytes=3000-");
  });

  it("begins anew when the file on the server has changed", async () => {
    server.answer = serving(
      content.map((byte) => byte ^ 1),
      { cutAfter: 1000, reached },
    );
    await refusal(() => download(wanted(), target, { attempts: 1 }));
    server.answer = serving(content, { etag: '"v2"' });
    const notes: string[] = [];
    const got = await download(wanted(), target, { ...QUICK, note: (text) => void notes.push(text) });
    expect(got).toMatchObject({ how: "new", sha256: HASH });
    expect(notes.join()).toContain("sends the whole file again");
  });

  it("begins anew on a server that ignores Range", async () => {
    server.answer = serving(content, { cutAfter: 5000, reached });
    await refusal(() => download(wanted(), target, { attempts: 1 }));
    server.answer = serving(content, { ranges: false });
    expect(await download(wanted(), target, QUICK)).toMatchObject({ how: "new", sha256: HASH });
    expect(ranges().at(-1)).toBe("bytes=5000-");
  });

  it("is not continued from a weak ETag, nor from a damaged record", async () => {
    server.answer = serving(content, { cutAfter: 5000, reached, etag: 'W/"v1"' });
    await refusal(() => download(wanted(), target, { attempts: 1 }));
    server.answer = serving(content, { cutAfter: 5000, reached });
    await refusal(() => download(wanted(), target, { attempts: 1 }));
    writeFileSync(`${target}.part.json`, "{");
    server.answer = serving(content);
    await download(wanted(), target, QUICK);
    expect(ranges()).toEqual([undefined, undefined, undefined]);
  });

  it("by the user keeps the part and ends with the signal's reason", async () => {
    const stop = new AbortController();
    server.answer = (_, response) => {
      response.writeHead(200, { ETag: '"v1"', "Content-Length": content.length });
      response.write(content.subarray(0, 70_000)); // and nothing more
    };
    const arrived = (bytes: number): void => {
      if (bytes === 70_000) stop.abort(new Error("stop"));
    };
    await expect(download(wanted(), target, { ...QUICK, arrived, signal: stop.signal })).rejects.toThrow(
      "stop",
    );
    expect(readFileSync(`${target}.part`).equals(content.subarray(0, 70_000))).toBe(true);
    expect(existsSync(target)).toBe(false);
  });

  it("that ends too early without an error is one all the same", async () => {
    server.answer = (_, response) => {
      response.writeHead(200).write(content.subarray(0, 500));
      response.end();
    };
    const problem = await refusal(() => download(wanted(), target, { attempts: 1 }));
    expect([problem.tag, problem.message]).toEqual([
      "network",
      expect.stringContaining("500 of 200000 bytes"),
    ]);
  });

  it("by silence is a broken connection", async () => {
    server.answer = (_, response) => void response.writeHead(200, { ETag: '"v1"' }).write("x");
    const problem = await refusal(() => download(wanted(), target, { attempts: 1, stallMs: 80 }));
    expect(problem.message).toContain("nothing for 0.08 s");
  });
});

describe("a wrong file", () => {
  const other = content.map((byte) => byte ^ 255);

  it("by its checksum is thrown away and the former one stays", async () => {
    server.answer = serving(content);
    await download(wanted(), target, QUICK);
    server.answer = serving(other);
    const newer = wanted({ sha256: "0".repeat(64) });
    const problem = await refusal(() => download(newer, target, QUICK));
    expect([problem.exitCode, problem.tag]).toEqual([3, "hash"]);
    expect(problem.message).toContain(`got ${sha256(other)}`);
    expect(names()).toEqual(["file.bin"]);
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  it("by its length is refused before its bytes are read", async () => {
    server.answer = serving(content.subarray(0, 100));
    const problem = await refusal(() => download(wanted(), target, QUICK));
    expect([problem.exitCode, problem.message]).toEqual([
      3,
      expect.stringContaining("expected 200000 bytes, got 100"),
    ]);
    expect(names()).toEqual([]);
  });

  it("longer than said is refused when it becomes so", async () => {
    server.answer = (_, response) => void response.writeHead(200).end(Buffer.concat([content, content]));
    const problem = await refusal(() => download(wanted(), target, QUICK));
    expect(problem.message).toContain("longer than expected");
    expect(names()).toEqual([]);
  });

  it("at another offset than asked for is refused", async () => {
    server.answer = serving(content, { cutAfter: 5000, reached });
    await refusal(() => download(wanted(), target, { attempts: 1 }));
    server.answer = (_, response) =>
      void response
        .writeHead(206, { "Content-Range": "bytes 4000-199999/200000" })
        .end(content.subarray(4000));
    const problem = await refusal(() => download(wanted(), target, QUICK));
    expect(problem.message).toMatch(/expected bytes from 5000, got from 4000/);
  });
});

describe("a server", () => {
  it("that refuses for good is not asked twice; one that may recover is", async () => {
    server.answer = (_, response) => void response.writeHead(404).end();
    expect((await refusal(() => download(wanted(), target, QUICK))).exitCode).toBe(3);
    expect(server.seen).toHaveLength(1);
    server.answer = (_, response) => void response.writeHead(500).end();
    const problem = await refusal(() => download(wanted(), target, QUICK));
    expect([problem.exitCode, problem.message]).toEqual([6, expect.stringContaining("got 500")]);
    expect(server.seen).toHaveLength(4);
  });

  it("that redirects is followed", async () => {
    const file = serving(content);
    server.answer = (request, response) => {
      if (request.url === "/real") file(request, response);
      else response.writeHead(302, { Location: "/real" }).end();
    };
    expect((await download(wanted(), target, QUICK)).sha256).toBe(HASH);
  });

  it.each([
    ["in a circle", "/file.bin", "a redirect in a circle"],
    ["to a file", "file:///etc/hostname", "a redirect to another protocol"],
    ["to another protocol", "ftp://127.0.0.1/x", "a redirect to another protocol"],
    ["to nowhere", "http://", "a redirect to nowhere"],
  ])("that redirects %s is refused", async (_, location, expected) => {
    server.answer = (_request, response) => void response.writeHead(301, { Location: location }).end();
    const problem = await refusal(() => download(wanted(), target, QUICK));
    expect([problem.exitCode, problem.message]).toEqual([3, expect.stringContaining(expected)]);
  });

  it("that redirects from https to http is refused", async () => {
    expect(nextAddress("https://a.example/x", "/y")).toBe("https://a.example/y");
    const problem = await refusal(() => nextAddress("https://a.example/x", "http://a.example/x"));
    expect(problem.message).toContain("expected https:, got http:");
  });

  it("that redirects for ever is refused", async () => {
    server.answer = (request, response) =>
      void response.writeHead(302, { Location: `${request.url ?? ""}x` }).end();
    const problem = await refusal(() => download(wanted(), target, QUICK));
    expect(problem.message).toContain("too many redirects: expected at most 8");
    expect(server.seen).toHaveLength(9);
  });

  it("that is not there is a failed connection", async () => {
    const problem = await refusal(() => download(wanted({ url: "http://127.0.0.1:9/x" }), target, QUICK));
    expect(problem.exitCode === 6 && problem.tag === "network").toBe(true);
  });
});

describe("a disk", () => {
  it("without room ends the download, keeps what fits, and the former file", async () => {
    server.answer = serving(content);
    await download(wanted(), target, QUICK);
    const files = {
      ...hostFileSystem,
      open: async (path: string, flags: string) => {
        const handle = await hostFileSystem.open(path, flags);
        if (!path.endsWith(".part")) return handle;
        return {
          write: (bytes: Uint8Array, offset: number, length: number, position: number) =>
            position > 60_000
              ? Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" }))
              : handle.write(bytes, offset, length, position),
          sync: () => handle.sync(),
          close: () => handle.close(),
        };
      },
    };
    const changed = content.map((byte) => byte ^ 3);
    server.answer = serving(changed, { etag: '"v3"' });
    const problem = await refusal(() =>
      download(wanted({ sha256: sha256(changed) }), target, { ...QUICK, files }),
    );
    expect([problem.exitCode, problem.message]).toEqual([6, expect.stringContaining("no space left")]);
    expect(readFileSync(target).equals(content)).toBe(true);
    expect((await download(wanted({ sha256: sha256(changed) }), target, QUICK)).how).toBe("resumed");
    expect(readFileSync(target).equals(changed)).toBe(true);
  });

  it("with a file where the folder should be is refused", async () => {
    const blocked = join(temporary.write("blocked", ""), "file.bin");
    expect((await refusal(() => download(wanted(), blocked, QUICK))).message).toContain(
      "a file where a folder",
    );
  });
});
