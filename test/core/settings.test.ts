/** Settings of sum and zeros as labels name them. */
import { describe, expect, it } from "vitest";
import { SETTINGS, settingOf } from "../../harness/core/settings.js";

describe("settingOf(label)", () => {
  it("finds every setting and the label without it, in any order of the words", () => {
    for (const { text } of SETTINGS) {
      const backwards = text.split(",").reverse().join(",");
      for (const words of [text, backwards])
        expect(settingOf(`ae-x:links=2,${words}`)).toMatchObject({
          base: "ae-x:links=2",
          setting: { text },
        });
    }
    expect(settingOf("ae-x:sum=exact")?.base).toBe("ae-x");
  });

  it.each(["ae-x", "ae-x:links=2", "ae-x:links=2,encoder=float", "ae-x:links=2,sum=exact,encoder=float"])(
    "finds none in %s",
    (label) => {
      expect(settingOf(label)).toBeUndefined();
    },
  );
});
