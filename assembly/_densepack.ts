// Panels of a dense layer's kernel as _dense.ts reads them, packed anew at every training step: the kernel as it is for the way
// forward, transposed and without bias for the way back. The last panel has eight units where that is enough.
const PANEL: i32 = 16;
const HALF: i32 = 8;

/** panels of kernel[inputs, units], and the biases. */
export function packForward(kernel: usize, bias: usize, inputs: i32, units: i32, to: usize, toBias: usize): void {
  const line = <usize>(units << 2);
  for (let unit = 0; unit < units; unit += PANEL) {
    const there = min(PANEL, units - unit);
    const width = there <= HALF ? HALF : PANEL;
    let from = kernel + <usize>(unit << 2);
    for (let k = 0; k < inputs; k++) {
      copyPadded(from, to, there, width);
      from += line;
      to += <usize>(width << 2);
    }
    copyPadded(bias + <usize>(unit << 2), toBias + <usize>(unit << 2), there, width);
  }
}

/** panels of the transpose of kernel[inputs, units]: its inputs are the units; biases are zero. */
export function packBack(kernel: usize, inputs: i32, units: i32, to: usize, toBias: usize): void {
  const line = <usize>(units << 2);
  for (let input = 0; input < inputs; input += PANEL) {
    const there = min(PANEL, inputs - input);
    const width = there <= HALF ? HALF : PANEL;
    const toLine = <usize>(width << 2);
    const from = kernel + <usize>input * line;
    let unit: usize = 0;
    if (ASC_FEATURE_SIMD) {
      if (there == width) {
        for (; unit + 16 <= line; unit += 16) {
          for (let i: usize = 0; i < <usize>width; i += 4) {
            transposeFour(from + unit + i * line, line, to + (unit >> 2) * toLine + (i << 2), toLine);
          }
        }
      }
    }
    for (; unit < line; unit += 4) {
      const target = to + (unit >> 2) * toLine;
      for (let i: usize = 0; i < <usize>width; i++) {
        store<f32>(target + (i << 2), <i32>i < there ? load<f32>(from + unit + i * line) : 0);
      }
    }
    to += <usize>units * toLine;
    copyPadded(0, toBias + <usize>(input << 2), 0, width);
  }
}

function copyPadded(from: usize, to: usize, there: i32, width: i32): void {
  if (ASC_FEATURE_SIMD) {
    if (there == PANEL) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
      return;
    }
  }
  for (let i = 0; i < width; i++) {
    const at = <usize>(i << 2);
    store<f32>(to + at, i < there ? load<f32>(from + at) : 0);
  }
}

function transposeFour(from: usize, line: usize, to: usize, toLine: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + line);
  const c = v128.load(from + 2 * line);
  const d = v128.load(from + 3 * line);
  const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to + toLine, v128.shuffle<i32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(to + 2 * toLine, v128.shuffle<i32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(to + 3 * toLine, v128.shuffle<i32>(ab1, cd1, 2, 3, 6, 7));
}
