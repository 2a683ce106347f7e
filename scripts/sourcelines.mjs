// Source lines of a WebAssembly binary from its source map, where a "column" is an offset in the file.
// Source: the source map specification, ECMA-426, base64 VLQ mappings.
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Signed numbers of one segment. */
function numbers(segment) {
  const found = [];
  let [value, scale] = [0, 1];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) * scale;
    scale *= 32;
    if (bits >= 32) continue;
    found.push(value % 2 === 1 ? -(value - 1) / 2 : value / 2);
    [value, scale] = [0, 1];
  }
  return found;
}

/** From an offset to "file:line". */
export function sourceLines({ sources, mappings }) {
  let [offset, source, line] = [0, 0, 0];
  const places = [];
  for (const segment of mappings.split(",")) {
    const [step, toSource, toLine] = numbers(segment);
    offset += step;
    if (toSource === undefined) continue;
    source += toSource;
    line += toLine;
    places.push({ offset, place: `${sources[source]}:${line + 1}` });
  }
  return (at) => places.findLast((one) => one.offset <= at)?.place ?? "no source line";
}
