/** Register files for `wafermark econt`: YAML text to chip settings; refusals name the line. Wide numbers are read as BigInt. */
import { isMap, isScalar, LineCounter, parseDocument, type Document, type Pair } from "yaml";
import { chipSettings, type ChipSettings } from "../chip/registers.js";
import { RegisterError } from "../chip/registerfields.js";
import { InputError, printable } from "../core/errors.js";

/** Place in the text of the deepest part of `path` that is there. */
function offsetOf(document: Document, path: readonly string[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const part of path) {
    if (!isMap(node)) break;
    const found: Pair | undefined = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
    if (found === undefined) break;
    if (isScalar(found.key)) offset = found.key.range?.[0] ?? offset;
    node = found.value;
  }
  return offset;
}

/** Chip settings of the register file `name`; refuses (InputError) with line and field. */
export function settingsOfText(text: string, name: string): ChipSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, { intAsBigInt: true, lineCounter: lines });
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    const [problem] = problems;
    const { line } = lines.linePos(problem.pos[0]);
    const [what] = problem.message.split("\n");
    throw new InputError(
      `${name}: line ${line}: not a register file: expected YAML, got ${printable(what, 120)}`,
      { tag: "yaml" },
    );
  }
  try {
    return chipSettings(document.toJS({ maxAliasCount: 0 }));
  } catch (error) {
    if (!(error instanceof RegisterError)) throw error;
    const { line } = lines.linePos(offsetOf(document, error.path));
    throw new InputError(`${name}: line ${line}: ${error.message.replace(/^registers: /, "")}`, {
      tag: error.tag,
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    });
  }
}
