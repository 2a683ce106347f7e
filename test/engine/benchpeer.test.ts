import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BenchPeers } from "../../harness/engine/benchpeer.js";
import { benchInput } from "../../harness/engine/benchinputs.js";
import type { Windows } from "../../harness/engine/benchwindows.js";
import { findRuntimes, peers, peersOf } from "../../harness/engine/peers/catalogue.js";
import { lastLine } from "../../harness/engine/peers/lastline.js";
import type { PythonPeerDeclaration } from "../../harness/engine/peers/peer.js";
import { findPython, PythonPeer } from "../../harness/engine/peers/python.js";
import { kernel as emd } from "../../harness/kernels/emd.js";

const ROWS = 8;
const POT = await findPython(["numpy", "ot"]);
if ("reason" in POT) console.info(`POT itself is not tested: ${POT.reason}`);

function peerCalled(id: string): PythonPeerDeclaration {
  const peer = peers.get(id);
  if (peer === undefined) throw new Error(`no peer ${id}`);
  return peer;
}

function emdWindows(): Windows {
  const input = benchInput(emd, "mid");
  const dims = input.dims(ROWS);
  return { kernel: emd, dims, inputs: [0, 1, 2].map((index) => input.window(dims, 9, index)) };
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wafermark-peer-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A program that stands in for Python: counts the bytes it is sent and answers as a peer does. */
function fakePython(name: string, answers: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `#!${process.execPath}
     let left = Buffer.alloc(0), header, expected = 0, received = 0;
     const say = (answer) => process.stdout.write(JSON.stringify(answer) + "\\n");
     const line = () => { const at = left.indexOf(10); if (at < 0) return; const text = left.subarray(0, at).toString();
       left = left.subarray(at + 1); return text; };
     process.stdin.on("data", (bytes) => {
       left = Buffer.concat([left, bytes]);
       if (header === undefined) { const text = line(); if (text === undefined) return; header = JSON.parse(text);
         expected = header.windows * header.buffers.reduce((sum, b) => sum + b.bytes, 0); }
       if (received < expected) { const take = Math.min(expected - received, left.length); received += take;
         left = left.subarray(take); if (received < expected) return;
         say({ ready: true, versions: { python: "fake " + received } }); }
       for (let text = line(); text !== undefined; text = line()) { const command = JSON.parse(text); ${answers} }
     });
     process.stdin.on("end", () => process.exit(0));`,
  );
  chmodSync(path, 0o755);
  return path;
}

describe("looking for Python", () => {
  test("an interpreter that is not there leaves a reason that names it", async () => {
    const found = await findPython(["numpy"], { WAFERMARK_PYTHON: join(folder, "absent") });
    expect("reason" in found && found.reason).toMatch(/absent: .*ENOENT/);
  });

  test("a program that is no Python leaves a reason", async () => {
    const found = await findPython(["numpy"], { WAFERMARK_PYTHON: process.execPath });
    expect("reason" in found && found.reason.length).toBeGreaterThan(10);
  });

  test("each set of modules is looked for once", async () => {
    const runtimes = await findRuntimes(peersOf("emd"), { WAFERMARK_PYTHON: join(folder, "absent") });
    expect(runtimes).toHaveLength(1);
    expect(runtimes[0].executable).toBeNull();
  });
});

describe("peers", () => {
  test("a peer without interpreter is not available, with the reason", async () => {
    const runtimes = await findRuntimes(peersOf("emd"), { WAFERMARK_PYTHON: join(folder, "absent") });
    const some = new BenchPeers(emdWindows(), runtimes);
    const opened = await some.open(peerCalled("pot-emd2"));
    expect("notAvailable" in opened && opened.notAvailable).toMatch(/ENOENT/);
    some.close();
  });

  test("receives all buffers of all windows and answers in order", async () => {
    const windows = emdWindows();
    const bytes = 3 * 8 * (2 * ROWS * 48 + 48 * 48);
    const python = fakePython(
      "counting",
      `say(command.do === "time" ? { seconds: 0.25 * command.runs + command.window }
         : { output: Buffer.from(Float64Array.of(command.window, 2.5).buffer).toString("base64") });`,
    );
    const peer = await PythonPeer.open(python, "", emd.inputs, windows.inputs, windows.dims);
    expect(peer.versions).toEqual({ python: `fake ${bytes}` });
    expect(await peer.time("x", 2, 4)).toBe(3);
    expect(await peer.outputs("x", 1)).toEqual(Float64Array.of(1, 2.5));
    peer.close();
  });

  test("a peer that stops or gives no time is an error and not a number", async () => {
    const windows = emdWindows();
    const dying = fakePython("dying", `console.error("no memory"); process.exit(1);`);
    const first = await PythonPeer.open(dying, "", emd.inputs, windows.inputs, windows.dims);
    await expect(first.time("x", 0, 1)).rejects.toThrow(/expected an answer/);
    const zero = fakePython("zero", "say({ seconds: 0 });");
    const second = await PythonPeer.open(zero, "", emd.inputs, windows.inputs, windows.dims);
    await expect(second.time("x", 0, 1)).rejects.toThrow(/a time above 0/);
    second.close();
    await expect(
      PythonPeer.open(join(folder, "absent"), "", emd.inputs, windows.inputs, windows.dims),
    ).rejects.toThrow(/cannot be started|expected an answer/);
  });

  test.skipIf("reason" in POT)(
    `POT agrees with the reference (skipped where Python has no POT)`,
    async () => {
      const windows = emdWindows();
      const runtimes = await findRuntimes(peersOf("emd"));
      const some = new BenchPeers(windows, runtimes);
      for (const id of ["pot-emd2", "pot-core"]) {
        const opened = await some.open(peerCalled(id));
        if ("notAvailable" in opened) throw new Error(opened.notAvailable);
        expect(opened.versions["pot"]).toMatch(/^\d/);
        windows.inputs.forEach((window, index) => {
          const expected = emd.reference(window, windows.dims).emd;
          const got = opened.outputs?.[index]?.emd;
          expect(got).toHaveLength(ROWS);
          for (let row = 0; row < ROWS; row++) expect(got?.[row]).toBeCloseTo(expected[row], 10);
        });
        const { side } = opened;
        if (side.kind !== "remote") throw new Error("a peer has its own clock");
        expect(await side.run(0, 2)).toBeGreaterThan(0);
      }
      some.close();
    },
  );

  test("the last line of a complaint is what is told", () => {
    expect(lastLine("Traceback\n  File x\nModuleNotFoundError: ot\n", "none")).toBe(
      "ModuleNotFoundError: ot",
    );
    expect(lastLine("  \n", "exit 1")).toBe("exit 1");
  });
});
