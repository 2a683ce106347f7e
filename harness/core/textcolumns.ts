/** A table for a terminal: columns two spaces apart, words from the left, numbers from the right, no blanks at the ends of lines. */

/** One line for each of `rows`, which all have as many cells as the first; `isWords` says which columns start from the left. */
export function alignedLines(
  rows: readonly (readonly string[])[],
  isWords: (column: number) => boolean,
): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const padded = (cell: string, column: number): string =>
    isWords(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
  return rows.map((row) => row.map(padded).join("  ").trimEnd());
}
