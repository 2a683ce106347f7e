/** Lines of events: written as they were read, refused with their place, or left out and counted; never fewer without a word. */
import { describe, expect, it } from "vitest";
import { EventReader } from "../../harness/core/eventreader.js";
import { BadLine, eventLine, parseEventLine, type CollisionEvent } from "../../harness/core/eventtext.js";
import { InputError } from "../../harness/core/errors.js";

const SOUND = "94;ttbar;1;112288;1.74766;b,331927,147558,-1.44969,-1.76399;j,100406,85589,-0.568259,-1.17144";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(
  text: string,
  piece: number,
  skipBad = false,
): { events: CollisionEvent[]; reader: EventReader } {
  const reader = new EventReader({ where: "x.csv", skipBad });
  const whole = bytes(text);
  const events: CollisionEvent[] = [];
  for (let at = 0; at < whole.length; at += piece)
    events.push(...reader.push(whole.subarray(at, at + piece)));
  reader.end();
  return { events, reader };
}

function refusalOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error("expected a refusal, got success");
}

describe("a line", () => {
  it.each([
    SOUND,
    `${SOUND};`,
    "0;z_jets;1;0;-3.14159",
    "7;njets;0.000312;1.23457e+06;-1e-05;g,2.5e+06,200000,-0.00012,0;m+,15000,15000,0,3;e-,1,1,-0,0.1",
    "8;atop;1;123456.789;0.1234567890123;j,1,1,0,0",
  ])("is written as it was read: %s", (line) => {
    expect(eventLine(parseEventLine(line))).toBe(line);
  });

  it.each([
    ["", "empty line", 1],
    ["94;ttbar;1", "truncated event", 11],
    [SOUND.slice(0, SOUND.lastIndexOf(",")), "truncated object", 61],
    [SOUND.replace("j,", "q,"), "unknown object code", 61],
    [SOUND.replace("b,331927", "b,nan"), "not finite", 29],
    [SOUND.replace("1.74766", "1.7x"), "not a number", 19],
    [SOUND.replace("331927", "0x12"), "not a number", 29],
    [SOUND.replace("331927", "1e999"), "not finite", 29],
    [SOUND.replace("147558", "-147558"), "out of range", 36],
    [SOUND.replace("94", "x"), "not a number", 1],
    ["1;;1;0;0", "not a name", 3],
    ["1;a\u0007;1;0;0", "not a name", 3],
    [`${SOUND};;`, "unknown object code", SOUND.length + 2],
  ])("that is no event is refused with its column: %s", (line, problem, column) => {
    let found: unknown;
    try {
      parseEventLine(line);
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(BadLine);
    expect(found).toMatchObject({ problem, column });
  });
});

describe("a file", () => {
  const lines = Array.from({ length: 50 }, (_, i) => SOUND.replace("94", String(i)));
  const text = `${lines.join("\n")}\n`;

  it.each([1, 2, 7, 64, 100_000])("comes back byte for byte from pieces of %i bytes", (piece) => {
    const { events, reader } = read(text, piece);
    expect(`${events.map(eventLine).join("\n")}\n`).toBe(text);
    expect([reader.returns, reader.skipped]).toEqual([false, {}]);
    expect(read(text.replaceAll("\n", "\r\n"), piece).reader.returns).toBe(true);
  });

  const planted: readonly (readonly [string, string, string])[] = [
    [
      "unknown object code",
      text.replace("3;ttbar;1;112288;1.74766;b", "3;ttbar;1;112288;1.74766;B"),
      "line 4, column 26",
    ],
    ["not finite", text.replace("2;ttbar;1;112288", "2;ttbar;1;NaN"), "line 3, column 11"],
    ["empty line", text.replace("\n", "\n\n"), "line 2, column 1"],
    ["other line ending", text.replace("\n4;", "\r\n4;"), "line 4, column"],
    ["truncated object", text.replace("-1.17144\n1;", "\n1;").replace(",\n1;", "\n1;"), "line 1, column"],
    ["too long", text.replace("\n1;", `\n${"9".repeat(3 << 20)}\n1;`), "line 2, column"],
    ["no line ending", text.slice(0, -1), "line 50, column"],
  ];

  it.each(planted)(
    "with one bad line (%s) is refused there, or loses it and says so",
    (problem, bad, place) => {
      for (const piece of [13, 1 << 16]) {
        const message = refusalOf(() => read(bad, piece));
        expect(message).toContain(`x.csv ${place}`);
        expect(message).toContain(problem);
        const { events, reader } = read(bad, piece, true);
        expect(reader.skipped).toEqual({ [problem]: 1 });
        expect(events.length).toBe(bad.split("\n").length - (problem === "no line ending" ? 0 : 1) - 1);
      }
    },
  );
});
