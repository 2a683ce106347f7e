/** econt as a function: words, comparison to the field, and every refusal with line and field; nothing written on failure. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { econt } from "../../harness/commands/econt.js";
import { settingsOfText } from "../../harness/commands/econtregisters.js";
import { EXIT } from "../../harness/core/errors.js";
import { inputText, registerFile, registerText, type Registers } from "../chip/vectors.js";
import { refusal, temporaryFolder } from "../io/temporary.js";
import { opening, recordedContext, references, type Recorded } from "./recordedcontext.js";

const temporary = temporaryFolder();
const CROSSINGS = 60;
const input = temporary.write("rx.csv", inputText(CROSSINGS, "hex"));
const packed = temporary.write("rx.csv.gz", gzipSync(inputText(CROSSINGS, "hex")));
const HOW = { weightRounding: "floor", denseOrder: "chip" } as const;

const recorded = (): Recorded => recordedContext({ openKernels: opening(references) });

function config(registers: Registers): string {
  return temporary.write(`init-${registers.algorithm}.yaml`, registerText(registerFile(registers)));
}

const best: Registers = { dialect: "algorithm", algorithm: "best-choice", links: 2 };

describe("econt", () => {
  it("prints the words, or writes them, the same from a packed file", async () => {
    const { context, stdout, stderr } = recorded();
    expect(await econt({ ...HOW, input, config: config(best) }, context)).toBe(EXIT.done);
    const out = temporary.path("tx.csv");
    await econt({ ...HOW, input: packed, config: config(best), out }, context);
    expect(stdout.join("")).toBe(readFileSync(out, "utf8"));
    expect(stdout.join("").split("\n")[0]).toMatch(/^TX_DATA_0,.*,TX_DATA_12$/);
    expect(stdout.join("").trim().split("\n")).toHaveLength(CROSSINGS + 1);
    expect(stderr.join("")).toMatch(/60 crossings, best-choice, 2 links: \d+ crossings\/s/);
  });

  it.each([
    ["best-choice", 2, 0, 31, "header"],
    ["best-choice", 2, 1, 7, "charge 2"],
    ["super-trigger-cell", 5, 0, 20, "place in group 3"],
    ["repeater", 13, 12, 0, "padding"],
    ["autoencoder", 5, 0, 15, "latent 15, bit 8"],
    ["threshold-sum", 13, 0, 24, "event type of the event of crossing 5"],
    ["threshold-sum", 1, 0, 0, "the event of crossing"],
  ] as const)("%s, %i links: finds word %i, bit %i, %s", async (algorithm, links, word, bit, field) => {
    const { context, stdout } = recorded();
    const settings = config({ dialect: "config-algo", algorithm, links });
    await econt({ ...HOW, input, config: settings }, context);
    const compare = temporary.write("expected.csv", stdout.join(""));
    expect(await econt({ ...HOW, input, config: settings, compare }, context)).toBe(EXIT.done);
    const lines = stdout.join("").split("\n");
    const words = lines[6].split(",");
    words[word] = ((Number.parseInt(words[word], 16) ^ (1 << bit)) >>> 0).toString(16).padStart(8, "0");
    lines[6] = words.join(",");
    writeFileSync(compare, lines.join("\n"));
    const problem = await refusal(() => econt({ ...HOW, input, config: settings, compare }, context));
    expect(problem.exitCode).toBe(EXIT.disagreement);
    expect(problem.message).toContain(`line 7, TX_DATA_${word}`);
    expect(problem.message).toContain(`crossing 5 (row 5), word ${word}, bit ${bit}, `);
    expect(problem.message).toContain(field);
  });

  it("reads decimal words as it reads hexadecimal ones", async () => {
    const { context, stdout } = recorded();
    const decimal = temporary.write("decimal.csv", inputText(CROSSINGS, "decimal"));
    await econt({ ...HOW, input, config: config(best) }, context);
    await econt({ ...HOW, input: decimal, config: config(best) }, context);
    expect(stdout[1]).toBe(stdout[0]);
  });
});

type Change = (fields: string[]) => string[];
const changed = (line: number, change: Change): string => {
  const lines = inputText(CROSSINGS, "hex").trimEnd().split("\n");
  lines[line - 1] = change(lines[line - 1].split(",")).join(",");
  return `${lines.join("\n")}\n`;
};
const field =
  (i: number, text: string): Change =>
  (fields) =>
    fields.with(i, text);

describe("input words are refused", () => {
  it.each([
    [
      "too short",
      changed(5, field(2, "a12345")),
      /line 5, RX_DATA_2: .*eight hexadecimal digits, got "a12345"/,
    ],
    ["too long", changed(5, field(2, "a12345678")), /line 5, RX_DATA_2: .*eight hexadecimal digits/],
    ["too short at once", changed(2, field(0, "912345")), /line 2, RX_DATA_0: .*eight hexadecimal digits/],
    ["not hexadecimal", changed(9, field(11, "a12345zz")), /line 9, RX_DATA_11: .*hexadecimal/],
    [
      "with a wrong header",
      changed(9, field(11, "b1234567")),
      /line 9, RX_DATA_11: .*header 9 or a, got "b"/,
    ],
    ["with mixed headers", changed(9, field(4, "91234567")), /line 9: headers: .*got it in 1/],
    ["with a missing word", changed(7, (f) => f.slice(1)), /line 7: expected 12 words, got 11/],
    ["with a word too many", changed(7, (f) => [...f, f[0]]), /line 7: expected 12 words, got 13/],
    ["with an empty line", changed(7, () => []), /line 7: expected 12 words, got an empty line/],
    ["with a missing column", changed(1, (f) => f.slice(1)), /line 1: missing column RX_DATA_0/],
    ["with an unknown column", changed(1, field(3, "RX_DATA_12")), /line 1: column 4: .*got "RX_DATA_12"/],
    [
      "with a column twice",
      changed(1, (f) => [...f, "RX_DATA_3"]),
      /line 1: column 13: expected RX_DATA_3 once/,
    ],
    ["without rows", inputText(0, "hex"), /at least one crossing/],
  ])("%s", async (_, text, message) => {
    const out = temporary.path("never.csv");
    const bad = temporary.write("bad.csv", text);
    const problem = await refusal(() =>
      econt({ ...HOW, input: bad, config: config(best), out }, recorded().context),
    );
    expect(problem.message).toMatch(message);
    expect(problem.exitCode).toBe(EXIT.input);
    expect(existsSync(out)).toBe(false);
  });

  it("when they are decimal and too large, or not decimal", async () => {
    for (const [word, rxFormat] of [
      ["268435456", "decimal"],
      ["a1234567", "decimal"],
      ["1234", "hex"],
    ] as const) {
      const bad = temporary.write("bad.csv", `${new Array(12).fill(word).join(",")}\n`);
      const problem = await refusal(() =>
        econt({ ...HOW, input: bad, config: config(best), rxFormat }, recorded().context),
      );
      expect(problem.message).toMatch(/line 1, RX_DATA_0: input word: expected/);
      expect(problem.exitCode).toBe(EXIT.input);
    }
  });

  it("when an orbit is longer than 3,564 crossings; decimal words begin a new one", async () => {
    const long = temporary.write("long.csv", inputText(3565, "hex"));
    const problem = await refusal(() =>
      econt({ ...HOW, input: long, config: config(best) }, recorded().context),
    );
    expect(problem.message).toMatch(/line 3566: headers: expected 9 after 3564 crossings, got a/);
    const { context, stdout } = recorded();
    const decimal = temporary.write("long.csv", inputText(3565, "decimal"));
    await econt({ ...HOW, input: decimal, config: config(best) }, context);
    expect(stdout.join("").trimEnd().split("\n").at(-1)).toMatch(/^f/); // 4-bit header of crossing 0
  });
});

describe("output words to compare with are refused", () => {
  it.each([
    ["short", (text: string) => text.replace(/\n\w/, "\n"), /line 2, TX_DATA_0: output word/],
    [
      "fewer",
      (text: string) => text.slice(0, text.trimEnd().lastIndexOf("\n")),
      /crossings: expected 60 .* got 59/,
    ],
    ["of other columns", (text: string) => text.replace("TX_DATA_4", "TX_DATA_X"), /line 1: column 5/],
  ])("%s", async (_, spoil, message) => {
    const { context, stdout } = recorded();
    await econt({ ...HOW, input, config: config(best) }, context);
    const compare = temporary.write("bad-tx.csv", spoil(stdout.join("")));
    const out = temporary.path("never.csv");
    const problem = await refusal(() =>
      econt({ ...HOW, input, config: config(best), compare, out }, context),
    );
    expect(problem.message).toMatch(message);
    expect(problem.exitCode).toBe(EXIT.input);
    expect(existsSync(out)).toBe(false);
  });
});

describe("register files are refused", () => {
  const text = registerText(registerFile({ ...best, formatter: { use_sum: 0, stc_type: 0 } }));
  const encoder = registerText(registerFile({ dialect: "algorithm", algorithm: "autoencoder", links: 5 }));
  it.each([
    [
      "an unknown register",
      text.replace("use_sum", "use_sums"),
      /line \d+: FormatterBuffer\.Global\.use_sums: .*unknown register/,
    ],
    ["an unknown block", `${text}PLL:\n  Global: 1\n`, /line \d+: PLL: .*unknown register/],
    [
      "an unknown algorithm",
      text.replace("select: 2", "select: 5"),
      /line 4: Algorithm\.Global\.select: .*0\.\.4, got 5/,
    ],
    [
      "a register out of range",
      text.replace("use_sum: 0", "use_sum: 2"),
      /use_sum: expected a whole number in 0\.\.1, got 2/,
    ],
    [
      "an enormous number",
      text.replace("use_sum: 0", "use_sum: 99999999999999999999"),
      /use_sum: .*got 99999999999999999999/,
    ],
    [
      "links out of range",
      text.replace("active_etxs: 2", "active_etxs: 14"),
      /active_etxs: .*1\.\.13, got 14/,
    ],
    [
      "another chip version",
      "ECOND:\n  Global:\n    match_threshold: 2\n",
      /Algorithm\.Global and ConfigAlgo\.Global, got neither/,
    ],
    ["both dialects", `${text}ConfigAlgo:\n  Global:\n    alg_type: 1\n`, /got both/],
    [
      "a register of the other dialect",
      text.replace("use_sum", "keep_auto_encoder_bits"),
      /keep_auto_encoder_bits: .*unknown register/,
    ],
    [
      "a list for a mapping",
      text.replace(/AlgoDroplsb:\n +Global: 1/, "AlgoDroplsb: [1]"),
      /AlgoDroplsb: expected a mapping, got a list/,
    ],
    ["a register twice", `${text}FormatterBuffer: 1\n`, /line \d+: not a register file: .*unique/],
    ["no YAML", "a: [1\n", /line \d+: not a register file: expected YAML/],
    [
      "no weights",
      encoder.replace(/Encoder:[^]*?(?=FormatterBuffer)/, ""),
      /Encoder: expected the autoencoder's weights/,
    ],
    [
      "a weight register too few",
      encoder.replace(/ {2}11:\n( {4}.*\n)+/, ""),
      /line \d+: Encoder\.11: expected 9 parts of weights, got nothing/,
    ],
    [
      "a part too few",
      encoder.replace(/ {4}weights_byte128.*\n/, ""),
      /Encoder\.0\.weights_byte128: .*48 bits, got nothing/,
    ],
    [
      "a part too wide",
      encoder.replace(/weights_byte128: \d+/, "weights_byte128: 281474976710656"),
      /line \d+: Encoder\.0\.weights_byte128: .*48 bits, got 281474976710656/,
    ],
    [
      "a mask too wide",
      encoder.replace("active_etxs: 5", "active_etxs: 5\n    mask_ae: 1\n    mask_ae2: 65536"),
      /mask_ae2: .*16 bits, got 65536/,
    ],
    [
      "half a mask",
      encoder.replace("active_etxs: 5", "active_etxs: 5\n    mask_ae: 1"),
      /mask_ae2: .*got nothing/,
    ],
    [
      "too few links for the repeater",
      text.replace("select: 2", "select: 3"),
      /active_etxs: expected 11\.\.13 links for the repeater, got 2/,
    ],
  ])("with %s", async (_, yaml, message) => {
    const bad = temporary.write("bad.yaml", yaml);
    const out = temporary.path("never.csv");
    const problem = await refusal(() => econt({ ...HOW, input, config: bad, out }, recorded().context));
    expect(problem.message).toMatch(message);
    expect(problem.message).toContain("bad.yaml");
    expect(problem.exitCode).toBe(EXIT.input);
    expect(existsSync(out)).toBe(false);
  });

  it("and read with every bit of their wide numbers", () => {
    const mask = "0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE";
    const yaml = registerText(
      registerFile({ dialect: "config-algo", algorithm: "autoencoder", links: 5 }),
    ).replace("active_etxs: 31", `active_etxs: 0x1f\n    keep_auto_encoder_bits: ${mask}`);
    expect(settingsOfText(yaml, "init.yaml").autoencoder?.mask).toBe((1n << 144n) - 2n);
  });
});

describe("encoder files are refused", () => {
  const settings = (): string => config({ dialect: "algorithm", algorithm: "autoencoder", links: 5 });
  it("when they are no HDF5", async () => {
    const weights = temporary.write("weights.hdf5", "not HDF5");
    const problem = await refusal(() =>
      econt({ ...HOW, input, config: settings(), weights }, recorded().context),
    );
    expect(problem.message).toMatch(/weights\.hdf5: weights: expected a Keras HDF5 file/);
    expect(problem.exitCode).toBe(EXIT.input);
  });

  it("when another algorithm is selected, and options without them", async () => {
    const calls = [
      { ...HOW, input, config: config(best), weights: input },
      { ...HOW, input, config: settings(), denseOrder: "script" as const },
      { ...HOW, input },
    ];
    for (const call of calls)
      expect((await refusal(() => econt(call, recorded().context))).exitCode).toBe(EXIT.usage);
  });
});
