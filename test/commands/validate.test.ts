import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Context } from "../../harness/commands/context.js";
import {
  agreementTable,
  command,
  refuseFailures,
  select,
  withTwins,
} from "../../harness/commands/validate.js";
import { EXIT, isHarnessError } from "../../harness/core/errors.js";
import type { AgreementResult } from "../../harness/core/results.js";
import { backends } from "../../harness/engine/plugins.generated.js";
import { recordedContext } from "./recordedcontext.js";

function row(more: Partial<AgreementResult>): AgreementResult {
  return {
    kernel: "emd",
    backend: "wasm",
    shape: "rows=64",
    cases: 5,
    verdict: "pass",
    reason: null,
    ratio: 0.25,
    worst: 2.5e-13,
    measure: "relative error",
    where: "emd[3]",
    seed: 17,
    outputHash: "00",
    ...more,
  };
}

async function run(given: Context, options: Record<string, unknown>): Promise<unknown> {
  return command.run?.(given, [], { cases: 1, ...options });
}

describe("agreementTable", () => {
  it("aligns columns and shows absent numbers as dashes", () => {
    expect(
      agreementTable([
        row({}),
        row({
          backend: "tfjs-cpu",
          verdict: "not available",
          reason: "no such operation",
          ratio: null,
          worst: null,
          where: null,
        }),
      ]),
    ).toBe(
      [
        "kernel  backend   shape    cases  worst / allowed  worst     where   seed  verdict",
        "emd     wasm      rows=64  5      0.250            2.50e-13  emd[3]  17    pass",
        "emd     tfjs-cpu  rows=64  5      -                -         -       17    not available: no such operation",
        "",
      ].join("\n"),
    );
  });
});

describe("refuseFailures", () => {
  it("lets passing and absent rows through", () => {
    expect(() => {
      refuseFailures([row({}), row({ verdict: "not available" })]);
    }).not.toThrow();
  });

  it("throws a disagreement that names the first failed row and how to repeat it", () => {
    try {
      refuseFailures([row({}), row({ verdict: "fail", reason: "seed 17: trapped", shape: "rows=3" })]);
      expect.unreachable();
    } catch (error) {
      if (!isHarnessError(error)) throw error;
      expect(error.exitCode).toBe(EXIT.disagreement);
      expect(error.message).toBe(
        "validate: 1 of 2 rows failed, the first emd on wasm at rows=3: seed 17: trapped",
      );
      expect(error.remedy).toBe("wafermark validate --kernels emd --backends wasm --seed 17 --cases 1");
    }
  });
});

describe("select and withTwins", () => {
  const known = new Map([
    ["emd", 1],
    ["transport", 2],
  ]);

  it("takes all without names and the named ones in the registry's order", () => {
    expect(select("kernel", undefined, known)).toEqual([1, 2]);
    expect(select("kernel", ["transport", "emd"], known)).toEqual([1, 2]);
    expect(select("kernel", ["transport"], known)).toEqual([2]);
  });

  it("refuses an unknown name with its neighbours, and nothing at all", () => {
    expect(() => select("kernel", ["emb"], known)).toThrow(
      /kernel: unknown: expected one of emd, transport, got emb/,
    );
    expect(() => select("kernel", [], known)).toThrow(/nothing to check/);
  });

  it("adds the backend that another must equal, before it", () => {
    const ids = (names: string[]): string[] =>
      withTwins(select("backend", names, backends), backends).map(({ id }) => id);
    expect(ids(["wasm-debug"])).toEqual(["wasm", "wasm-debug"]);
    expect(ids(["wasm-debug", "reference"])).toEqual(["reference", "wasm", "wasm-debug"]);
    expect(ids(["wasm-scalar"])).toEqual(["wasm-scalar"]);
  });
});

describe("validate", () => {
  const small = { kernels: ["emd"], backends: ["reference", "wasm"] };

  it("prints a row per backend and shape, and is done", async () => {
    const { context: given, stdout } = recordedContext();
    expect(await run(given, small)).toBe(EXIT.done);
    const lines = stdout.join("").trimEnd().split("\n");
    expect(lines[0]).toMatch(/^kernel +backend +shape/);
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines.slice(1)) expect(line).toMatch(/^emd +(reference|wasm) .* pass$/);
  });

  it("writes the same rows as JSON to --out and, when asked, to stdout", async () => {
    const folder = await mkdtemp(join(tmpdir(), "wafermark-validate-"));
    try {
      const out = join(folder, "agreement.json");
      const { context: given, stdout } = recordedContext({ json: true, seed: 5 });
      await run(given, { ...small, out });
      expect(await readFile(out, "utf8")).toBe(stdout.join(""));
      const { agreement, seed } = JSON.parse(stdout.join("")) as {
        agreement: AgreementResult[];
        seed: number;
      };
      expect(seed).toBe(5);
      expect(new Set(agreement.map(({ verdict }) => verdict))).toEqual(new Set(["pass"]));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("refuses an unknown kernel before it prints anything", async () => {
    const { context: given, stdout } = recordedContext();
    await expect(run(given, { ...small, kernels: ["emb"] })).rejects.toThrow(/kernel: unknown/);
    expect(stdout.join("")).toBe("");
  });

  it("stopped by a signal it prints what was finished and passes the reason on", async () => {
    const stop = new AbortController();
    const steps: string[] = [];
    const { context: given, stdout } = recordedContext({
      signal: stop.signal,
      progress: {
        begin: () => ({
          advance: (_, note) => {
            steps.push(note ?? "");
            if (steps.length === 2) stop.abort(new Error("stopped by the test"));
          },
          end: () => undefined,
        }),
      },
    });
    await expect(run(given, small)).rejects.toThrow("stopped by the test");
    const lines = stdout.join("").trimEnd().split("\n");
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(lines.length).toBeLessThan(8);
  });
});
