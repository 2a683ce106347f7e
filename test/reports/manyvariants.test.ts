/** Pages stay readable with all variants of the studies: every series is named once, keys and points stand apart. */
import { describe, expect, it } from "vitest";
import { profileFigure } from "../../reports/figures/profile.js";
import { rateDistortionFigure } from "../../reports/figures/ratedistortion.js";
import { byLinks, entriesOf, inPanels, isFloor, seriesName } from "../../reports/select.js";
import { evaluationSection } from "../../reports/sections/evaluation.js";
import { profileSection, waferSection } from "../../reports/sections/evidence.js";
import { SharedShapes, standaloneSvg, type Figure } from "../../reports/svg/figure.js";
import { fakeResults } from "./fakeresults.js";
import { manyVariants, VARIANTS } from "./manyvariants.js";
import { scanMarkup } from "./markupscan.js";

const RESULTS = manyVariants();
const [DATASET] = RESULTS.datasets;
const ENTRIES = entriesOf(RESULTS, DATASET);
const GROUP = byLinks(ENTRIES).filter(({ links }) => links === 3);

function drawn<T>(figure: T | undefined): T {
  if (figure === undefined) throw new Error("no figure");
  return figure;
}

/** Heights at which a saved figure puts what it names: shapes by reference. */
function keyHeights(figure: Figure): number[] {
  const { elements } = scanMarkup(standaloneSvg(figure).trim());
  return elements
    .filter(({ name, attributes }) => name === "use" && attributes.has("y"))
    .map(({ attributes }) => Number(attributes.get("y")))
    .sort((a, b) => a - b);
}

function times(text: string, name: string): number {
  return text.split(`>${name}</text>`).length - 1;
}

describe("with fourteen variants at two to five links", () => {
  const rate = drawn(rateDistortionFigure(RESULTS, DATASET, "links"));
  const profile = drawn(profileFigure(RESULTS, DATASET, GROUP[0], "occupancy"));

  it("rate-distortion names every series once, in a list by kind", () => {
    const text = standaloneSvg(rate);
    for (const name of VARIANTS) expect(times(text, name), name).toBe(1);
    for (const kind of ["autoencoder", "super trigger cell"]) expect(times(text, kind), kind).toBe(1);
    const near = ENTRIES.filter(({ row }) => row.rate.payloadMean <= 172);
    const names = near.filter(({ codec }) => !isFloor(codec)).map(({ codec }) => seriesName(codec));
    for (const name of new Set(names)) expect(times(text, name), name).toBe(1);
    expect(keyHeights(rate).length).toBeGreaterThanOrEqual(new Set(names).size);
  });

  it("and names them beside their points where all find room", () => {
    const few = fakeResults();
    const figure = drawn(rateDistortionFigure(few, few.datasets[0], "links"));
    expect(keyHeights(figure)).toEqual([]);
    expect(times(standaloneSvg(figure), "best-choice")).toBe(1);
  });

  it("rate-distortion shows the points of all variants apart", () => {
    // A variant's group holds its points, each a path of its own.
    const dots = [...rate.body.toString().matchAll(/class="dot" d="M(-?[\d.]+)[ ]?(-?[\d.]+)/g)];
    const places = dots.map(([, x, y]) => `${x} ${y}`);
    expect(places.length).toBeGreaterThan(4 * VARIANTS.length);
    const covered = places.length - new Set(places).size;
    expect(covered).toBeLessThanOrEqual(places.length / 20);
  });

  it("profiles name every codec once, at least 14.8 units apart, inside the figure", () => {
    const text = standaloneSvg(profile);
    for (const name of VARIANTS) expect(times(text, name), name).toBe(1);
    const heights = keyHeights(profile);
    expect(heights).toHaveLength(GROUP[0].entries.length);
    for (let i = 1; i < heights.length; i++) expect(heights[i] - heights[i - 1]).toBeGreaterThan(14.8);
    expect(heights[0]).toBeGreaterThan(50);
    expect(heights[heights.length - 1]).toBeLessThan(profile.height - 50);
  });

  it("profiles draw bars for twelve codecs at most", () => {
    const bars = (figure: Figure): boolean => figure.body.toString().includes('class="bar"');
    expect(bars(profile)).toBe(false);
    expect(profile.caption).not.toContain("bars");
    const twelve = { links: 3, entries: GROUP[0].entries.slice(0, 12) };
    const few = drawn(profileFigure(RESULTS, DATASET, twelve, "occupancy"));
    expect(bars(few)).toBe(true);
    expect(few.caption).toContain("bars: 16-84 %");
  });

  it("the table has a row for each variant, autoencoders first, and the best of each column in bold", () => {
    const text = evaluationSection(RESULTS).toString();
    const [table] = text.split("</table>");
    const places = VARIANTS.map((name) => table.indexOf(`>${name}</td>`));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(Math.max(...places)).toBeLessThan(table.indexOf(">best-choice</td>"));
    const [first, second] = VARIANTS.map(
      (name) => table.slice(table.indexOf(`>${name}</td>`)).split("</tr>")[0],
    );
    expect(first.match(/<b>/g)).toHaveLength(4);
    expect(second).not.toContain("<b>");
  });

  it("panels are of floors and the best of each family, and the page says so", () => {
    const chosen = inPanels(GROUP[0]).entries;
    const families = new Set(GROUP[0].entries.map(({ codec }) => codec.family));
    expect(new Set(chosen.map(({ codec }) => codec.family))).toEqual(families);
    for (const { codec, meanEmd } of chosen.filter((entry) => !isFloor(entry.codec))) {
      const others = GROUP[0].entries.filter((entry) => entry.codec.family === codec.family);
      expect(meanEmd).toBe(Math.min(...others.map((entry) => entry.meanEmd ?? Infinity)));
    }
    const shapes = new SharedShapes();
    const said = `${chosen.length} of ${GROUP[0].entries.length} codecs`;
    for (const section of [profileSection, waferSection])
      expect(section(RESULTS, shapes).toString()).toContain(said);
    const few = byLinks(ENTRIES.slice(0, 6))[0];
    expect(inPanels(few).entries).toEqual(few.entries);
  });
});
