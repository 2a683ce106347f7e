import { describe, expect, it } from "vitest";
import {
  BusyError,
  EXIT,
  InputError,
  isHarnessError,
  LimitError,
  printable,
  UsageError,
} from "../../harness/core/errors.js";
import { nearestNames } from "../../harness/core/nearest.js";

describe("errors", () => {
  it("carry the documented exit code, a tag and a remedy", () => {
    const error = new InputError("a.csv: row 3: expected 48 values, got 47", {
      tag: "ragged",
      remedy: "mend the row",
    });
    expect(error).toMatchObject({ exitCode: 3, tag: "ragged", remedy: "mend the row", name: "InputError" });
    expect(new UsageError("x").exitCode).toBe(EXIT.usage);
    expect(new LimitError("x").exitCode).toBe(6);
    expect(new BusyError("x").exitCode).toBe(7);
    expect(isHarnessError(error)).toBe(true);
    expect(isHarnessError(new Error("x"))).toBe(false);
    expect(isHarnessError(null)).toBe(false);
  });

  it("show control and bidirectional characters as escapes and shorten long names", () => {
    expect(printable("a\u001b[31mb\u202ec")).toBe("a\\u001b[31mb\\u202ec");
    expect(printable("x".repeat(1000))).toBe(`${"x".repeat(200)}... (1000 characters)`);
  });

  it("nearestNames('bets-choice') offers best-choice first", () => {
    expect(nearestNames("bets-choice", ["stc4-9", "best-choice", "repeater"])[0]).toBe("best-choice");
    expect(nearestNames("zzz", ["stc4-9", "best-choice"])).toEqual([]);
  });
});
