/** `wafermark datasets fetch` as a user meets it: the list, a file from a catalogue of one's own, Ctrl-C, a wrong name. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dataCatalogue } from "../../harness/core/datasource.js";
import { readSources } from "../../harness/engine/datasources.js";
import { sha256 } from "../../harness/io/hash.js";
import { fileServer, serving } from "../io/fileserver.js";
import { temporaryFolder } from "../io/temporary.js";
import { start, wafermark } from "./spawn.js";

const temporary = temporaryFolder();
const server = await fileServer();
const content = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) >> 3);

function catalogue(): string {
  const file = {
    name: "rows.csv",
    url: `${server.base}/rows.csv`,
    bytes: content.length,
    sha256: sha256(content),
  };
  const source = {
    id: "mine",
    title: "Rows",
    landing: server.base,
    licence: null,
    standsFor: ["hgcal-ttbar-0pu"],
    holds: "rows",
    files: [file],
    howTo: "import it",
  };
  return temporary.write("mine.json", JSON.stringify({ catalogueVersion: 1, sources: [source] }));
}

describe("datasets fetch", () => {
  it("lists the catalogue, with what is unknown named so", async () => {
    const { code, stdout } = await wafermark(["datasets", "fetch"], temporary.folder);
    expect(code).toBe(0);
    for (const { id, landing } of await readSources()) {
      expect(stdout).toContain(`${id}: `);
      expect(stdout).toContain(landing);
    }
    expect(stdout).toMatch(/licence {5}unknown/);
    const { stdout: json } = await wafermark(["datasets", "fetch", "--json"], temporary.folder);
    expect(
      dataCatalogue.parse({ catalogueVersion: 1, sources: JSON.parse(json) as unknown }).sources,
    ).toEqual(await readSources());
  });

  it("names the page where there is no direct address", async () => {
    const { code, stdout } = await wafermark(["datasets", "fetch", "cms-jetht-2012b"], temporary.folder);
    expect(code).toBe(0);
    expect(stdout).toContain("no direct address known");
    expect(stdout).toContain("opendata.cern.ch/record/6010");
  });

  it("offers the nearest id", async () => {
    const { code, stderr } = await wafermark(["datasets", "fetch", "calq-ttbar-0p"], temporary.folder);
    expect(code).toBe(2);
    expect(stderr).toContain("did you mean calq-ttbar-0pu");
  });

  it("keeps the part on Ctrl-C and goes on from it", async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { ETag: '"v1"', "Content-Length": content.length });
      response.write(content.subarray(0, 40_000));
    };
    const args = ["datasets", "fetch", "hgcal-ttbar-0pu", "--catalogue", catalogue(), "--out", "got"];
    const running = start(args, temporary.folder);
    const part = join(temporary.folder, "got", "rows.csv.part");
    while (!existsSync(part) || readFileSync(part).length < 40_000)
      await new Promise((wake) => setTimeout(wake, 20));
    running.child.kill("SIGINT");
    expect((await running.finished).code).toBe(130);
    expect(readFileSync(part)).toHaveLength(40_000);
    server.answer = serving(content);
    const { code, stdout } = await wafermark(args, temporary.folder);
    expect([code, server.seen[server.seen.length - 1].range]).toEqual([0, "bytes=40000-"]);
    expect(stdout).toContain("(resumed)");
    expect(readFileSync(join(temporary.folder, "got", "rows.csv")).equals(content)).toBe(true);
    expect(existsSync(part)).toBe(false);
  });
});
