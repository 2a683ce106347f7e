/** Broken files of events: read or refused as such, alike in any pieces; with bad lines left out, every line is counted once. */
import { describe, expect, it } from "vitest";
import { EventReader } from "../../harness/core/eventreader.js";
import { eventLine, type CollisionEvent } from "../../harness/core/eventtext.js";
import { isHarnessError } from "../../harness/core/errors.js";
import { rng, type Rng } from "../../harness/core/rng.js";
import { eventOf } from "../../harness/simulation/jets/events.js";

const seed = Number(process.env["WAFERMARK_FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const COUNT = Number(process.env["WAFERMARK_FUZZ_COUNT"] ?? 20_000);
const sound = Array.from({ length: 12 }, (_, i) => `${eventOf("ttbar", 5, i)}\n`).join("");

function mutant(random: Rng): Uint8Array {
  const bytes = new TextEncoder().encode(sound);
  const changes = 1 + random.integer(4);
  for (let change = 0; change < changes; change++) {
    const at = random.integer(bytes.length);
    const other = ";,\n\r-e+.0nN\u0000\u007f"[random.integer(13)].charCodeAt(0);
    bytes[at] = random.uniform() < 0.5 ? other : random.integer(256);
  }
  return random.uniform() < 0.3 ? bytes.subarray(0, random.integer(bytes.length)) : bytes;
}

function read(
  bytes: Uint8Array,
  piece: number,
  skipBad: boolean,
): { events: CollisionEvent[]; bad: number } | string {
  const reader = new EventReader({ where: "x", skipBad });
  const events: CollisionEvent[] = [];
  try {
    for (let at = 0; at < bytes.length; at += piece)
      events.push(...reader.push(bytes.subarray(at, at + piece)));
    reader.end();
  } catch (error) {
    if (isHarnessError(error)) return error.message;
    throw error;
  }
  return { events, bad: Object.values(reader.skipped).reduce((sum, count) => sum + count, 0) };
}

describe(`events of seed ${seed}`, () => {
  it("are read or refused, never lost", () => {
    for (let i = 0; i < COUNT; i++) {
      const bytes = mutant(rng(seed, i));
      const whole = read(bytes, 1 << 20, false);
      expect(read(bytes, 11, false)).toEqual(whole);
      const skipping = read(bytes, 1 << 20, true);
      if (typeof skipping === "string") throw new Error(skipping);
      const feeds = bytes.reduce((sum, byte) => (byte === 10 ? sum + 1 : sum), 0);
      const cut = bytes.length > 0 && bytes[bytes.length - 1] !== 10 ? 1 : 0;
      expect(skipping.events.length + skipping.bad).toBe(feeds + cut);
      if (typeof whole !== "string") expect(whole.events.length).toBe(feeds);
      // What was read is written in a form that reads back the same.
      const again = skipping.events.map((event) => `${eventLine(event)}\n`).join("");
      expect(read(new TextEncoder().encode(again), 1 << 20, false)).toEqual({
        events: skipping.events,
        bad: 0,
      });
    }
  });
});
