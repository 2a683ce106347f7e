/** A strict scanner for the markup that reports write: balanced tags, quoted attributes, nothing else. For tests only. */

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly depth: number;
}

export interface Scanned {
  readonly elements: readonly Element[];
  readonly text: string;
}

const VOID = new Set(["meta", "br"]);
/** Elements of SVG that may close themselves. */
const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z-]+="[^"<>]*")*)\s*(\/?)>/y;
const ATTRIBUTE = /([a-zA-Z-]+)="([^"]*)"/g;

/** Elements in order; throws on anything a strict writer would not write. */
export function scanMarkup(markup: string): Scanned {
  const elements: Element[] = [];
  const open: string[] = [];
  const texts: string[] = [];
  let at = markup.startsWith("<!doctype html>") ? "<!doctype html>".length : 0;
  while (at < markup.length) {
    const next = markup.indexOf("<", at);
    const end = next < 0 ? markup.length : next;
    texts.push(checkText(markup.slice(at, end), open.at(-1)));
    if (next < 0) break;
    TAG.lastIndex = next;
    const found = TAG.exec(markup);
    if (found === null) throw new Error(`no tag of ours at ${next}: ${markup.slice(next, next + 80)}`);
    const [whole, closing, name, attributes, selfClosed] = found;
    if (closing === "/") {
      const expected = open.pop();
      if (expected !== name) throw new Error(`</${name}> closes <${expected ?? "nothing"}>`);
    } else {
      elements.push({ name, attributes: readAttributes(attributes), depth: open.length });
      if (selfClosed === "" && !VOID.has(name)) open.push(name);
    }
    at = next + whole.length;
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(" ")}`);
  return { elements, text: texts.join("\n") };
}

function checkText(text: string, inside: string | undefined): string {
  if (inside === "style") return "";
  if (text.includes(">")) throw new Error(`bare > in text: ${text.slice(0, 80)}`);
  const stray = /&(?!(?:amp|lt|gt|quot|#\d+);)/.exec(text);
  if (stray !== null) throw new Error(`bare & in text: ${text.slice(stray.index, stray.index + 40)}`);
  return text;
}

function readAttributes(text: string): Map<string, string> {
  return new Map([...text.matchAll(ATTRIBUTE)].map(([, name, value]) => [name, value]));
}
