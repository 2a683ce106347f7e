/** HTML tables: head, rows, numbers to the right, wide ones scroll inside their own box. */
import { markup, type Fragment, type Html } from "../escape.js";

export interface Column {
  readonly title: Fragment;
  /** Text columns stand left, numbers right. */
  readonly text?: boolean;
}

export interface TableRow {
  readonly cells: readonly Fragment[];
  readonly strong?: boolean;
  /** First cell spans this many rows; the following rows leave it out. */
  readonly span?: number;
  /** The only cell is the title of the rows below it. */
  readonly isTitle?: boolean;
}

/**
 * Only what is unlike most says where it stands: of the ten thousands of cells on a page most are numbers, and most rows begin
 * with text.
 */
const LEFT = markup` class="l"`;
const RIGHT = markup` class="r"`;
const BANDED = markup` class="banded"`;

/** Class of the cell at `place` in its row, from 0. */
function side(place: number, { text }: Column): Fragment {
  if (place === 0) return text === true ? undefined : RIGHT;
  return text === true ? LEFT : undefined;
}

/** Title over some neighbouring columns. */
export interface Band {
  readonly title: Fragment;
  readonly span: number;
}

/** Table with a caption for readers who cannot see it; `bands` stand over the columns, from the first to the last. */
export function tableMarkup(
  caption: string,
  columns: readonly Column[],
  rows: readonly TableRow[],
  bands: readonly Band[] = [],
): Html {
  const over = bands.map(
    ({ title, span }) => markup`<th scope="colgroup" class="m" colspan="${span}">${title}</th>`,
  );
  const head = columns.map(
    ({ title, text }) => markup`<th scope="col"${text === true ? LEFT : undefined}>${title}</th>`,
  );
  const body = rows.map((row) => rowMarkup(row, columns));
  return markup`<div class="scroll"><table${over.length === 0 ? undefined : BANDED}><caption>${caption}</caption><thead>${over.length === 0 ? undefined : markup`<tr>${over}</tr>`}<tr>${head}</tr></thead><tbody>
${body}</tbody></table></div>
`;
}

function rowMarkup(row: TableRow, columns: readonly Column[]): Html {
  if (row.isTitle === true)
    return markup`<tr><th scope="rowgroup" class="over" colspan="${columns.length}">${row.cells}</th></tr>\n`;
  const skipped = columns.length - row.cells.length;
  const cells = row.cells.map((cell, i) => {
    const column = columns[i + skipped];
    if (i === 0 && row.span !== undefined)
      return markup`<th scope="rowgroup" rowspan="${row.span}">${cell}</th>`;
    return markup`<td${side(i, column)}>${cell}</td>`;
  });
  return row.strong === true ? markup`<tr class="strong">${cells}</tr>\n` : markup`<tr>${cells}</tr>\n`;
}

/** Neighbouring rows with the same first cell as one group, which says it once. */
export function groupedRows(rows: readonly TableRow[]): TableRow[] {
  const first = (row: TableRow | undefined): Fragment => row?.cells[0];
  const sameAs = (row: TableRow, other: TableRow | undefined): boolean =>
    other !== undefined && first(row) === first(other);
  return rows.map((row, i) => {
    if (sameAs(row, rows.at(i - 1)) && i > 0) return { ...row, cells: row.cells.slice(1) };
    let span = 1;
    while (sameAs(row, rows[i + span])) span++;
    return { ...row, span };
  });
}

/** What stands where a number is missing, with the reason. */
export function missing(reason: string): Html {
  return markup`<span class="na">n/a</span> <small>${reason}</small>`;
}
