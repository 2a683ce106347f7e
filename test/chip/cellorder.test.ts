import { describe, expect, it } from "vitest";
import { cellsByChannel, channels, POST_MUX, PRE_MUX } from "../../harness/chip/cellorder.js";
import { GROUPS_OF_16, GROUPS_OF_4 } from "../../harness/physics/triggercells.js";

const sortedGroups = (groups: readonly (readonly number[])[]): string[] =>
  groups.map((group) => [...group].sort((a, b) => a - b).join(" ")).sort();

describe("channel tables", () => {
  it.each([
    ["post-mux", POST_MUX],
    ["pre-mux", PRE_MUX],
    ["training", channels("training")],
  ])("%s numbers every cell once", (_, table) => {
    expect([...table].sort((a, b) => a - b)).toEqual(Array.from({ length: 48 }, (_, i) => i));
    cellsByChannel(table).forEach((cell, channel) => {
      expect(table[cell]).toBe(channel);
    });
  });

  it.each([
    [4, GROUPS_OF_4],
    [16, GROUPS_OF_16],
  ])("put groups of %d on consecutive channels", (size, groups) => {
    const cells = cellsByChannel(channels("postmux"));
    const consecutive = Array.from({ length: 48 / size }, (_, g) => cells.slice(g * size, (g + 1) * size));
    expect(sortedGroups(consecutive)).toEqual(sortedGroups(groups));
  });
});
