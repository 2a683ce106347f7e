import { describe, expect, it } from "vitest";
import { oneAhead } from "../../harness/engine/ahead.js";

/** Tasks that note when they begin and end, and may fail. */
function noted(count: number, failing = -1): { log: string[]; tasks: (() => Promise<number>)[] } {
  const log: string[] = [];
  const tasks = Array.from({ length: count }, (_, i) => async () => {
    log.push(`begin ${i}`);
    await new Promise((resolve) => setTimeout(resolve, i === 0 ? 20 : 1));
    log.push(`end ${i}`);
    if (i === failing) throw new Error(`task ${i}`);
    return i;
  });
  return { log, tasks };
}

describe("one task ahead", () => {
  it("gives results in order, with one task at work beside the awaited one and no more", async () => {
    const { log, tasks } = noted(4);
    const found: number[] = [];
    for await (const value of oneAhead(tasks)) {
      log.push(`take ${value}`);
      found.push(value);
    }
    expect(found).toEqual([0, 1, 2, 3]);
    expect(log.indexOf("begin 1")).toBeLessThan(log.indexOf("end 0"));
    expect(log.indexOf("begin 2")).toBeGreaterThan(log.indexOf("take 0"));
  });

  it("meets a failure in its turn and leaves nothing at work", async () => {
    const { log, tasks } = noted(4, 1);
    const found: number[] = [];
    const all = async (): Promise<void> => {
      for await (const value of oneAhead(tasks)) found.push(value);
    };
    await expect(all()).rejects.toThrow("task 1");
    expect(found).toEqual([0]);
    expect(log).toContain("end 2");
    expect(log).not.toContain("begin 3");
  });

  it("waits for the task ahead when the taker stops", async () => {
    const { log, tasks } = noted(3);
    for await (const value of oneAhead(tasks)) if (value === 0) break;
    expect(log).toContain("end 1");
    expect(log).not.toContain("begin 2");
  });
});
