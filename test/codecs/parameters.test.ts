import { describe, expect, it } from "vitest";
import { defineCodec, type Codec } from "../../harness/core/codec.js";
import { UsageError } from "../../harness/core/errors.js";
import {
  codecLabel,
  completeParameters,
  expandVariants,
  findCodec,
  parseCodecSpec,
  readParameters,
  splitCodecList,
} from "../../harness/core/parameters.js";

const codec: Codec = defineCodec({
  id: "sample",
  title: "sample",
  family: "test",
  source: "none",
  parameters: {
    rule: { says: "rule", default: "chip", choices: ["chip", "ideal"] },
    links: { says: "links", default: 2, choices: [1, 2, 3] },
    cut: { says: "cut", default: 1.5, minimum: 0, maximum: 10 },
    flag: { says: "flag", default: false },
    name: { says: "name", default: "x" },
  },
  variants: () => [{ links: 1 }, { links: 2 }, { links: 3 }],
  open: () => {
    throw new Error("not opened here");
  },
});
const codecs = new Map([[codec.id, codec]]);
const read = (text: string): unknown => readParameters(codec, parseCodecSpec(text).given);

describe("codec specs", () => {
  it("split at commas that begin a new id", () => {
    expect(splitCodecList("a,b:links=2,drop=3, c")).toEqual(["a", "b:links=2,drop=3", "c"]);
    expect(splitCodecList("a:x=1,b:y=2")).toEqual(["a:x=1", "b:y=2"]);
    expect(splitCodecList("a")).toEqual(["a"]);
  });

  it("parse to an id and what was given", () => {
    expect(parseCodecSpec("sample")).toEqual({ id: "sample", given: new Map() });
    expect(parseCodecSpec(" sample : links = 2 ,rule=ideal")).toEqual({
      id: "sample",
      given: new Map([
        ["links", "2"],
        ["rule", "ideal"],
      ]),
    });
  });

  it("become typed values", () => {
    expect(read("sample:links=3,cut=.5,flag=true,name=3")).toEqual({
      links: 3,
      cut: 0.5,
      flag: true,
      name: "3",
    });
  });

  it.each([
    ["", /name: expected id or id:key=value, got none/],
    [":links=2", /name: expected/],
    ["sample:", /parameter: expected key=value, got ""/],
    ["sample:links", /parameter: expected key=value, got "links"/],
    ["sample:links=", /key=value/],
    ["sample:links=2,links=3", /parameter links: expected once, got twice/],
    ["sample:link=2", /unknown parameter: expected one of rule, links, cut, flag, name, got link/],
    ["sample:__proto__=2", /unknown parameter/],
    ["sample:toString=2", /unknown parameter/],
    ["sample:links=4", /parameter links: expected one of 1, 2, 3, got 4/],
    ["sample:links=2.0", /parameter links/],
    ["sample:cut=10.1", /parameter cut: expected a number in 0\.\.10, got 10\.1/],
    ["sample:cut=-1", /parameter cut/],
    ["sample:cut=nan", /parameter cut/],
    ["sample:cut=0x1", /parameter cut/],
    ["sample:cut=1e999", /parameter cut/],
    ["sample:flag=yes", /parameter flag: expected a boolean, got yes/],
    ["sample:rule=Chip", /parameter rule: expected one of chip, ideal, got Chip/],
    ["sample:links=\u001b[31m", /got \\u001b\[31m/],
  ])("refuse %j", (text, message) => {
    expect(() => read(text)).toThrow(UsageError);
    expect(() => read(text)).toThrow(message);
  });

  it("exit with 2 and suggest what was meant", () => {
    try {
      read("sample:lnks=2");
      expect.fail("accepted");
    } catch (error) {
      expect((error as UsageError).exitCode).toBe(2);
      expect((error as UsageError).remedy).toBe("did you mean links?");
    }
    expect(findCodec("sample", codecs)).toBe(codec);
    try {
      findCodec("sampel", codecs);
      expect.fail("accepted");
    } catch (error) {
      expect((error as UsageError).message).toMatch(/unknown: expected one of sample, got sampel/);
      expect((error as UsageError).remedy).toBe("did you mean sample?");
    }
  });
});

describe("labels", () => {
  it("show links first, then what differs from the default, in declared order", () => {
    expect(codecLabel(codec, {})).toBe("sample:links=2");
    expect(codecLabel(codec, { name: "y", rule: "ideal", links: 3 })).toBe(
      "sample:links=3,rule=ideal,name=y",
    );
    expect(codecLabel(codec, { rule: "chip", cut: 1.5, flag: false })).toBe("sample:links=2");
    expect(codecLabel({ id: "bare", parameters: {} }, {})).toBe("bare");
  });

  it("refuse parameters that came in by another way than text", () => {
    expect(() => completeParameters(codec, { links: "2" })).toThrow(/parameter links/);
    expect(() => completeParameters(codec, { flag: "true" })).toThrow(/parameter flag/);
    expect(() => completeParameters(codec, { cut: NaN })).toThrow(/parameter cut/);
    expect(() => completeParameters(codec, { other: 1 })).toThrow(/unknown parameter/);
  });
});

describe("variants", () => {
  it("take the given values in and appear once", () => {
    const labels = (given: object): string[] =>
      expandVariants(codec, given as Record<string, string>).map((set) => codecLabel(codec, set));
    expect(labels({})).toEqual(["sample:links=1", "sample:links=2", "sample:links=3"]);
    expect(labels({ links: 3 })).toEqual(["sample:links=3"]);
    expect(labels({ rule: "ideal" })).toEqual([1, 2, 3].map((n) => `sample:links=${n},rule=ideal`));
  });

  it("are the defaults where a codec lists none", () => {
    expect(expandVariants({ ...codec, variants: () => [] }, { cut: 2 })).toEqual([
      { rule: "chip", links: 2, cut: 2, flag: false, name: "x" },
    ]);
  });
});
