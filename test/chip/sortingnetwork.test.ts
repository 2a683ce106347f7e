// The zero-one principle would need 2^48 inputs; random and structured inputs stand in, and small networks are tried on all.
import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { COMPARATORS, mergeExchange, networkOrder, rankOrder } from "../../harness/chip/sortingnetwork.js";

describe("merge exchange", () => {
  it.each([2, 3, 4, 5, 7, 8, 12, 16])("of %d inputs sorts every sequence of zeros and ones", (n) => {
    const network = mergeExchange(n);
    let unsorted = 0;
    for (let bits = 0; bits < 2 ** n; bits++) {
      const values = Array.from({ length: n }, (_, i) => (bits >> i) & 1);
      for (let k = 0; k < network.length; k += 2) {
        const [i, j] = [network[k], network[k + 1]];
        if (values[i] < values[j]) [values[i], values[j]] = [values[j], values[i]];
      }
      if (values.some((value, i) => i > 0 && values[i - 1] < value)) unsorted++;
    }
    expect(unsorted).toBe(0);
  });

  it("of 16 inputs has Batcher's 63 comparators", () => {
    expect(mergeExchange(16).length / 2).toBe(63);
  });

  it("starts four inputs as Knuth does", () => {
    expect([...mergeExchange(4)]).toEqual([0, 2, 1, 3, 0, 1, 2, 3, 1, 2]);
  });

  it("orders 48 values, largest first", () => {
    for (let row = 0; row < 500; row++) {
      const random = rng(11, row);
      const values = Float64Array.from({ length: 48 }, () => random.integer(row % 2 === 0 ? 5 : 100000));
      const order = networkOrder(values);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 48 }, (_, i) => i));
      expect(Array.from(order, (channel) => values[channel])).toEqual([...values].sort((a, b) => b - a));
    }
    expect(COMPARATORS).toBe(mergeExchange(48).length / 2);
  });

  it("leaves ties to the wiring: a single large value moves others out of place", () => {
    expect([...networkOrder(new Float64Array(48))]).toEqual(Array.from({ length: 48 }, (_, i) => i));
    const values = new Float64Array(48);
    values[47] = 1;
    const order = networkOrder(values);
    expect(order[0]).toBe(47);
    expect([...order.slice(1)]).not.toEqual(Array.from({ length: 47 }, (_, i) => i));
  });
});

describe("rank order", () => {
  it("breaks ties by rank", () => {
    expect([...rankOrder([5, 7, 5, 7], [0, 1, 2, 3])]).toEqual([1, 3, 0, 2]);
    expect([...rankOrder([5, 7, 5, 7], [3, 2, 1, 0])]).toEqual([3, 1, 2, 0]);
  });
});

describe("values that do not fit beside their channel", () => {
  it("are ordered as their small copies are, ties included", () => {
    const random = rng(4);
    for (let round = 0; round < 50; round++) {
      const small = Float64Array.from({ length: 48 }, () => random.integer(round + 2));
      const wide = small.map((value) => value * 2 ** 30 + 0.5);
      expect([...networkOrder(wide)]).toEqual([...networkOrder(small)]);
    }
  });
});
