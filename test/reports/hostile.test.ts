/** S1, S2 and rows 51-53 of the bad-input catalogue: foreign names stay text wherever they appear. */
import { describe, expect, it } from "vitest";
import { escapeText, markup, styleSheet } from "../../reports/escape.js";
import { qualityCsv } from "../../reports/csv.js";
import { figureFiles } from "../../reports/figures/all.js";
import { renderMarkdown } from "../../reports/markdown.js";
import { renderPage } from "../../reports/page.js";
import { fakeResults } from "./fakeresults.js";
import { HOSTILE } from "./hostilenames.js";
import { scanMarkup, type Element } from "./markupscan.js";
import { namedResults } from "./namedresults.js";

/** Names of shared shapes are hashes of what they draw: letters and digits only, whatever that is. */
const SHAPE = /^(#?)u[0-9a-z]{1,8}$/;

/** What a template wrote: element, depth, attribute names, and values of those that could act. */
function shape({ name, depth, attributes }: Element): string {
  const acting = ["href", "style", "id", "class", "http-equiv", "content", "rel", "src", "xmlns"];
  const parts = [...attributes].map(([key, value]) =>
    acting.includes(key) ? `${key}=${value.replace(SHAPE, "$1shape")}` : key,
  );
  return `${depth} ${name} ${parts.join(" ")}`;
}

/** Which labels find room depends on their length: everything in a drawing that is placed by it is left out. */
function withoutPlacedLabels(elements: readonly Element[]): string[] {
  return elements.filter(({ name }) => !["text", "g", "path", "tspan", "use"].includes(name)).map(shape);
}

function columns(line: string): number {
  return line.split("|").length - 2;
}

describe("escapeText", () => {
  it("leaves no character that could end a text, an attribute or an entity", () => {
    expect(escapeText(`& < > " ' \``)).toBe("&amp; &lt; &gt; &quot; &#39; &#96;");
    expect(escapeText("\u0000\n\u202e")).toBe("\\u0000\\u000a\\u202e");
  });

  it("is the only way for a text into a template; markup passes as it is", () => {
    expect(markup`<b title="${'"'}">${markup`<i>`}${["<", 1]}${undefined}</b>`.toString()).toBe(
      '<b title="&quot;"><i>&lt;1</b>',
    );
    expect(() => markup`${NaN}`).toThrow(RangeError);
    expect(() => styleSheet("a{}</style>")).toThrow(TypeError);
  });
});

describe("hostile names", () => {
  const plain = scanMarkup(renderPage(namedResults("harmless")));

  it("S1: give the page the same elements as harmless ones", () => {
    expect(HOSTILE).toHaveLength(100);
    expect(new Set(HOSTILE).size).toBe(100);
    const expected = withoutPlacedLabels(plain.elements);
    const allowed = new Set(plain.elements.map(({ name }) => name));
    const attributes = new Set(plain.elements.flatMap((element) => [...element.attributes.keys()]));
    for (const name of HOSTILE) {
      const { elements } = scanMarkup(renderPage(namedResults(name)));
      expect(withoutPlacedLabels(elements), name).toEqual(expected);
      const uses = elements.filter((element) => element.name === "use");
      expect(uses.length).toBeGreaterThan(0);
      expect(
        uses.every(({ attributes }) => SHAPE.exec(attributes.get("href") ?? "")?.[1] === "#"),
        name,
      ).toBe(true);
      expect(
        elements.every((element) => allowed.has(element.name)),
        name,
      ).toBe(true);
      expect(
        elements.every((e) => [...e.attributes.keys()].every((key) => attributes.has(key))),
        name,
      ).toBe(true);
    }
  }, 300_000);

  it("are shown as text", () => {
    const { text } = scanMarkup(renderPage(namedResults("<img src=x onerror=alert(1)>")));
    expect(text).toContain("&lt;img src=x onerror=alert(1)&gt;");
  });

  it("show control and direction characters as escapes", () => {
    const page = renderPage(namedResults("\u001b[31m\u202e"));
    expect(page).toContain("\\u001b[31m\\u202e");
    expect(/[\u001b\u202e]/.test(page)).toBe(false);
  });

  it("S2: the page has no script and nothing outside itself", () => {
    for (const { name, attributes } of plain.elements) {
      expect(["script", "link", "iframe", "img", "image", "object", "embed", "base", "form"]).not.toContain(
        name,
      );
      for (const [key, value] of attributes) {
        expect(key.startsWith("on")).toBe(false);
        if (key === "href") expect(value).toMatch(/^#[a-z][a-z0-9-]*$/);
        if (key !== "xmlns") expect(value).not.toMatch(/https?:|url\(/);
      }
    }
    const policy = plain.elements.find(
      ({ attributes }) => attributes.get("http-equiv") === "Content-Security-Policy",
    );
    expect(policy?.attributes.get("content")).toBe("default-src 'none'; style-src 'unsafe-inline'");
    const styles = [...renderPage(fakeResults()).matchAll(/<style>(.*?)<\/style>/gs)].map(([, css]) => css);
    expect(styles[0].length).toBeGreaterThan(1000);
    // Markers of lines are shapes of the page itself.
    for (const css of styles)
      expect(css.replaceAll(/url\(#[a-z0-9-]+\)/g, "")).not.toMatch(/url\(|@import|https?:/);
  });

  it("row 52: keep the columns of every Markdown table", () => {
    const rows = (name: string): number[] =>
      renderMarkdown(namedResults(name))
        .split("\n")
        .filter((line) => line.startsWith("|"))
        .map(columns);
    const expected = rows("harmless");
    expect(expected.length).toBeGreaterThan(20);
    for (const name of HOSTILE) expect(rows(name), name).toEqual(expected);
  });

  it("row 52: make no link, image or element in Markdown", () => {
    for (const name of HOSTILE) {
      const markdown = renderMarkdown(namedResults(name));
      expect(markdown.replace(/<\/?details>|<\/?summary>/g, ""), name).not.toMatch(
        /<[a-zA-Z!/]|[^\\]\]\(|[^\\]\[|`|:\/\//,
      );
    }
  });

  it("row 53: a formula in a CSV field is text, and the header says how", () => {
    const csv = qualityCsv(namedResults("=cmd|' /C calc'!A0"));
    expect(csv.split("\n")[0]).toMatch(/^# .*begins with = \+ - @/);
    expect(
      csv
        .split("\n")
        .slice(2, -1)
        .every((line) => line.startsWith("'=cmd")),
    ).toBe(true);
  });

  it("become file names that are safe and different", () => {
    for (const name of HOSTILE) {
      const names = [...figureFiles(namedResults(name))].map((file) => file.name);
      expect(new Set(names).size).toBe(names.length);
      for (const file of names) expect(file).toMatch(/^[a-z0-9][a-z0-9._-]{0,180}\.svg$/);
    }
  }, 300_000);
});
