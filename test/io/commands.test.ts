/** emd, compress and decompress as functions: outputs, counts, refusals and exit codes, files untouched on failure. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { compress } from "../../harness/commands/compress.js";
import type { Context } from "../../harness/commands/context.js";
import { decompress } from "../../harness/commands/decompress.js";
import { emd } from "../../harness/commands/emd.js";
import { ContainerEncoder } from "../../harness/core/container.js";
import { containerColumns } from "../../harness/core/containerheader.js";
import type { KernelRunner } from "../../harness/core/kernel.js";
import { readModules } from "../../harness/io/moduletable.js";
import { opening, recordedContext, references, type Recorded } from "../commands/recordedcontext.js";
import { charges, csvText, doubles, HEADER, npyBytes, readers, sameBits } from "../readers/tables.js";
import { refusal, temporaryFolder } from "./temporary.js";

const temporary = temporaryFolder();

function recorded(change: Partial<Context> = {}): Recorded {
  return recordedContext({ openKernels: opening(references), ...change });
}

const values = charges(5);
const a = temporary.write("a.csv", csvText(values));

describe("emd", () => {
  it("gives 0 for equal rows, one line a row, under the header emd", async () => {
    const { context, stdout } = recorded();
    expect(await emd([a, a], {}, context)).toBe(0);
    expect(stdout.join("")).toBe("emd\n0\n0\n0\n0\n0\n");
  });

  it("keeps rows in place: rows without a distance are nan, counted by reason", async () => {
    const other = values.slice();
    other.fill(0, 0, 48);
    other[48] = NaN;
    other[2 * 48] = -1;
    const b = temporary.write("b.npy", npyBytes("<f8", "5, 48", doubles(other)));
    const { context, stdout, warnings } = recorded();
    expect(await emd([a, b], {}, context)).toBe(0);
    expect(stdout.join("")).toBe("emd\nnan\nnan\nnan\n0\n0\n");
    expect(warnings.join("")).toBe(
      "1 row is nan: non-finite value\n1 row is nan: negative value\n1 row is nan: empty output\n",
    );
    const swapped = recorded({ json: true });
    await emd([b, a], {}, swapped.context);
    expect(JSON.parse(swapped.stdout.join(""))).toEqual({ emd: [null, null, null, 0, 0] });
    expect(swapped.warnings.join("")).toContain("1 row is nan: empty input");
  });

  it("takes any geometry: points of one dimension, here two units apart", async () => {
    const points = temporary.write("points.csv", "x\n0\n2\n5\n");
    const left = temporary.write("left.csv", "1,0,0\n1,0,1\n");
    const right = temporary.write("right.csv", "0,1,0\n0,2,0\n");
    const { context, stdout } = recorded();
    await emd([left, right], { coords: points }, context);
    expect(stdout.join("")).toBe("emd\n2\n2.5\n");
    const wide = await refusal(() => emd([a, right], { coords: points }, context));
    expect(wide.message).toContain("a.csv line 1: wrong number of columns: expected 3, got 48");
  });

  it("takes more than 64 points by the general solver, with the same statuses", async () => {
    const points = temporary.write("line.csv", Array.from({ length: 70 }, (_, i) => i).join("\n"));
    const unit = (at: number): string => Array.from({ length: 70 }, (_, i) => (i === at ? 3 : 0)).join(",");
    const left = temporary.write("l.csv", `${unit(0)}\n${unit(-1)}\n${unit(5)}\n`);
    const right = temporary.write("r.csv", `${unit(69)}\n${unit(0)}\n${unit(-1)}\n`);
    const { context, stdout, warnings } = recorded();
    await emd([left, right], { coords: points }, context);
    expect(stdout.join("")).toBe("emd\n69\nnan\nnan\n");
    expect(warnings).toHaveLength(2);
  });

  it("refuses files of different length and leaves no output", async () => {
    const short = temporary.write("short.csv", csvText(values.subarray(0, 3 * 48)));
    const { context } = recorded();
    const error = await refusal(() => emd([a, short], { out: temporary.path("never.csv") }, context));
    expect(error).toMatchObject({ exitCode: 3, tag: "rows" });
    expect(error.message).toContain("short.csv: too few rows");
    expect(readdirSync(temporary.folder).filter((name) => name.includes("never"))).toEqual([]);
  });

  it("writes 17 digits to a file; ends at once when aborted", async () => {
    const out = temporary.path("emd.csv");
    await emd([a, a], { out }, recorded().context);
    expect(readFileSync(out, "utf8")).toBe("emd\n0\n0\n0\n0\n0\n");
    const stop = new AbortController();
    stop.abort(new Error("stopped"));
    await expect(
      emd([a, a], { out: temporary.path("x.csv") }, recorded({ signal: stop.signal }).context),
    ).rejects.toThrow("stopped");
    expect(existsSync(temporary.path("x.csv"))).toBe(false);
  });

  it("row 34: a row that does not converge is nan, and the exit code is 4", async () => {
    const failing: KernelRunner = {
      call: (kernel, inputs, dims) => {
        const outputs = kernel.reference(inputs, dims);
        outputs["emd"][1] = NaN;
        outputs["status"][1] = 5;
        return Promise.resolve(outputs);
      },
    };
    const { context, stdout } = recorded({
      openKernels: opening(failing),
    });
    expect(await emd([a, a], {}, context)).toBe(4);
    expect(stdout.join("")).toBe("emd\n0\nnan\n0\n0\n0\n");
  });
});

describe("compress and decompress", () => {
  const labelled = temporary.write(
    "labelled.csv",
    [
      [...HEADER, "eta"].join(","),
      ...[0, 1, 2].map((row) => [...values.subarray(row * 48, row * 48 + 48), 1.5 + row].join(",")),
    ].join("\n"),
  );

  it("identity gives back charges and labels bit for bit, and counts every byte", async () => {
    const { context, stdout } = recorded({ json: true });
    const out = temporary.path("i.wmk");
    expect(await compress([labelled], { codec: "identity", out }, context)).toBe(0);
    const facts = JSON.parse(stdout.join("")) as Record<string, unknown>;
    expect(facts).toMatchObject({ rows: 3, exactRows: 3, largestError: 0, labels: ["eta"] });
    expect(facts["containerBytes"]).toBe(readFileSync(out).length);
    await decompress([out], { out: temporary.path("i.csv") }, context);
    const back = await readModules(temporary.path("i.csv"), readers);
    expect(sameBits(back.calq, values.slice(0, 3 * 48))).toBe(true);
    expect(Array.from(back.labels.get("eta") ?? [])).toEqual([1.5, 2.5, 3.5]);
    await decompress([out], { out: temporary.path("i.npy") }, context);
    expect(sameBits((await readModules(temporary.path("i.npy"), readers)).calq, back.calq)).toBe(true);
  });

  it("is the same file twice", async () => {
    const files = ["1.wmk", "2.wmk"].map((name) => temporary.path(name));
    for (const out of files) await compress([a], { codec: "best-choice:links=3", out }, recorded().context);
    expect(readFileSync(files[0]).equals(readFileSync(files[1]))).toBe(true);
  });

  it("chip codecs refuse fractions with the row, unless --round", async () => {
    const bad = values.slice();
    bad[3 * 48 + 7] = 0.5;
    const path = temporary.write("fraction.csv", csvText(bad));
    const out = temporary.path("f.wmk");
    const options = { codec: "best-choice:links=2", out };
    const error = await refusal(() => compress([path], options, recorded().context));
    expect(error.message).toContain("row 3 column CALQ_7: not a whole count");
    expect(existsSync(out)).toBe(false);
    const { context, warnings } = recorded();
    expect(await compress([path], { ...options, round: true }, context)).toBe(0);
    expect(warnings.join("")).toContain("1 charges rounded");
  });

  it("rows 7 and 31: unknown codecs, parameters and outputs", async () => {
    const { context } = recorded();
    const out = temporary.path("no.wmk");
    expect((await refusal(() => compress([a], { codec: "best-choise", out }, context))).exitCode).toBe(2);
    expect((await refusal(() => compress([a], { codec: "uniform:bits=33", out }, context))).exitCode).toBe(2);
    expect((await refusal(() => compress([a], { out }, context))).exitCode).toBe(2);
    expect((await refusal(() => compress([a], { codec: "identity" }, context))).exitCode).toBe(2);
    expect((await refusal(() => decompress([out], {}, context))).exitCode).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    ["codec", { codec: "not-a-codec" }, "unknown codec"],
    ["parameter", { parameters: { nothing: 1 } }, "unknown parameter"],
    ["model", { model: { id: "m", sha256: "0".repeat(64) } }, "needs a model"],
  ])("row 7: a container with an unknown %s is refused as a file", async (_, change, message) => {
    const header = {
      codec: "identity",
      parameters: {},
      model: null,
      columns: containerColumns([]),
      writer: "test",
    };
    const encoder = new ContainerEncoder({ ...header, ...change });
    const path = temporary.write("u.wmk", Buffer.concat([encoder.start(), encoder.end()]));
    const error = await refusal(() =>
      decompress([path], { out: temporary.path("u.csv") }, recorded().context),
    );
    expect(error.exitCode).toBe(3);
    expect(error.message).toContain(message);
  });

  it("payload that is not exactly its rows is refused, whatever the checksums say", async () => {
    const header = {
      codec: "identity",
      parameters: {},
      model: null,
      columns: containerColumns([]),
      writer: "test",
    };
    for (const [rows, payloadBits] of [
      [1, 873],
      [2, 872],
      [1, 80],
    ]) {
      const encoder = new ContainerEncoder(header);
      const payload = new Uint8Array(Math.ceil(payloadBits / 8));
      const block = encoder.start();
      const bytes = Buffer.concat([
        block,
        encoder.block({ rows, payloadBits, payload, labels: new Map() }),
        encoder.end(),
      ]);
      const path = temporary.write("p.wmk", bytes);
      expect(
        (await refusal(() => decompress([path], { out: temporary.path("p.csv") }, recorded().context)))
          .exitCode,
      ).toBe(3);
      expect(existsSync(temporary.path("p.csv"))).toBe(false);
    }
  });

  it("decodes the committed container of version 1 to the modules it was made from", async () => {
    const golden = fileURLToPath(new URL("golden/v1-identity.wmk", import.meta.url));
    await decompress([golden], { out: temporary.path("golden.csv") }, recorded().context);
    const back = await readModules(temporary.path("golden.csv"), readers);
    expect(sameBits(back.calq, values.slice(0, 3 * 48))).toBe(true);
    expect(Array.from(back.labels.get("eta") ?? [])).toEqual([1.5, 2.5, 3.5]);
  });
});
