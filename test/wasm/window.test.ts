/** Views of linear memory that are kept: still good after the memory has grown, with and without elements. */
import { expect, it } from "vitest";
import type { Place } from "../../harness/wasm/layout.js";
import { Window } from "../../harness/wasm/memory.js";

it.each([3, 0])("a window of %i elements is made again after growth", (count) => {
  const linear = new WebAssembly.Memory({ initial: 1, maximum: 4 });
  const place: Place = { name: "x", role: "input", dtype: "f64", offset: 64, count, bytes: 8 * count };
  const window = new Window(linear, place);
  const values = Float64Array.from({ length: count }, (_, i) => i + 1);
  window.values.set(values);
  linear.grow(1);
  window.values.set(window.values);
  expect(window.values).toEqual(values);
  expect(window.values.buffer).toBe(linear.buffer);
});
