/**
 * Who may import whom: arrows point down, never between plug-ins of one kind, and what a browser needs has no Node modules.
 *
 * cli -> commands -> engine, reports -> plug-ins -> models, physics, chip, simulation -> wasm, io -> core.
 */
import { describe, expect, it } from "vitest";
import { importsOf, sourcesUnder, type Source } from "./sources.js";

const LEVELS: readonly (readonly string[])[] = [
  ["harness/core"],
  ["harness/wasm", "harness/io"],
  ["harness/models", "harness/physics", "harness/chip", "harness/simulation"],
  ["harness/codecs", "harness/metrics", "harness/kernels", "harness/backends", "harness/readers"],
  ["harness/engine", "reports"],
  ["harness/commands"],
  ["harness/cli.ts"],
];
/** Rooms whose plug-ins must not know each other; files that are no plug-ins may be shared inside. */
const PLUGINS = ["codec", "metric", "kernel", "backend", "reader"];
const BROWSER_ROOMS = [
  "harness/core",
  "harness/chip",
  "harness/physics",
  "harness/simulation",
  "harness/codecs",
  "harness/metrics",
  "harness/kernels",
];
/** Only these may touch files. */
const FILE_ROOMS = ["harness/io", "harness/wasm"];
const FILE_MODULES = ["node:fs", "node:fs/promises"];

function levelOf(path: string): number | undefined {
  const level = LEVELS.findIndex((rooms) =>
    rooms.some((room) => path === room || path.startsWith(`${room}/`)),
  );
  return level < 0 ? undefined : level;
}

function upwards({ path, imports }: Source): string[] {
  const own = levelOf(path);
  return imports
    .filter((target) => own !== undefined && (levelOf(target) ?? -1) > own)
    .map((target) => `${path} -> ${target}`);
}

const isPlugin = (text: string): boolean =>
  PLUGINS.some((kind) => new RegExp(`^export const ${kind}\\b`, "m").test(text));

function betweenPlugins(sources: readonly Source[]): string[] {
  const plugins = new Set(sources.filter(({ text }) => isPlugin(text)).map(({ path }) => path));
  const room = (path: string): string => path.slice(0, path.lastIndexOf("/"));
  return sources
    .filter(({ path }) => plugins.has(path))
    .flatMap(({ path, imports }) =>
      imports
        .filter((target) => plugins.has(target) && room(target) === room(path))
        .map((target) => `${path} -> ${target}`),
    );
}

const sources = sourcesUnder("harness", "reports");

describe("imports", () => {
  it("are found in every form", () => {
    const text =
      'import a from "../core/a.js";\nimport type {\n  B,\n} from "./b.js";\nexport { c } from "node:fs";\nawait import("./d.js");';
    expect(importsOf("harness/io/x.ts", text)).toEqual([
      "harness/core/a.ts",
      "harness/io/b.ts",
      "node:fs",
      "harness/io/d.ts",
    ]);
  });

  it("never point up", () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(upwards({ path: "harness/core/a.ts", text: "", imports: ["harness/io/b.ts"] })).toHaveLength(1);
    expect(sources.flatMap(upwards)).toEqual([]);
  });

  it("never go from one plug-in to another of its kind", () => {
    const planted = ["a", "b"].map((name) => ({
      path: `harness/codecs/${name}.ts`,
      text: "export const codec = 1;",
      imports: ["harness/codecs/b.ts"],
    }));
    expect(betweenPlugins(planted.slice(0, 1).concat({ ...planted[1], imports: [] }))).toHaveLength(1);
    expect(betweenPlugins(sources)).toEqual([]);
  });

  it("of what runs in a browser name no Node module", () => {
    const inBrowser = sources.filter(({ path }) => BROWSER_ROOMS.some((room) => path.startsWith(`${room}/`)));
    expect(inBrowser.length).toBeGreaterThan(30);
    const found = inBrowser.flatMap(({ path, imports }) =>
      imports.filter((name) => name.startsWith("node:")).map((name) => `${path} -> ${name}`),
    );
    expect(found).toEqual([]);
  });

  it("of the file system are in io (and the loading of the binaries) only", () => {
    const found = sources
      .filter(({ path }) => !FILE_ROOMS.some((room) => path.startsWith(`${room}/`)))
      .flatMap(({ path, imports }) =>
        imports.filter((name) => FILE_MODULES.includes(name)).map((name) => `${path} -> ${name}`),
      );
    expect(found).toEqual([]);
  });
});
