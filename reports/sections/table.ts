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
}

/** Only text says where it stands: most of the ten thousands of cells on a page are numbers. */
const LEFT = markup` class="l"`;

/** Table with a caption for readers who cannot see it. */
export function tableMarkup(caption: string, columns: readonly Column[], rows: readonly TableRow[]): Html {
  const head = columns.map(
    ({ title, text }) => markup`<th scope="col"${text === true ? LEFT : undefined}>${title}</th>`,
  );
  const body = rows.map((row) => rowMarkup(row, columns));
  return markup`<div class="scroll"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table></div>
`;
}

function rowMarkup(row: TableRow, columns: readonly Column[]): Html {
  const skipped = columns.length - row.cells.length;
  const cells = row.cells.map((cell, i) => {
    const side = columns[i + skipped].text === true ? LEFT : undefined;
    if (i === 0 && row.span !== undefined)
      return markup`<th scope="rowgroup"${side} rowspan="${row.span}">${cell}</th>`;
    return markup`<td${side}>${cell}</td>`;
  });
  return row.strong === true ? markup`<tr class="strong">${cells}</tr>\n` : markup`<tr>${cells}</tr>\n`;
}

/** What stands where a number is missing, with the reason. */
export function missing(reason: string): Html {
  return markup`<span class="na">n/a</span> <small>${reason}</small>`;
}
