/**
 * Colours, line styles and text of every figure, as CSS: light, dark and print, in the page and in saved SVG files alike.
 *
 * Series differ by colour, marker and dash together, so none is told by colour alone. The series colours keep a contrast of
 * 3:1 with the ground and follow the colour-blind safe set of Okabe and Ito (2008); the charge scale is viridis.
 */

/** [light, dark] of each series; the last one is for floors. */
const SERIES: readonly (readonly [string, string])[] = [
  ["#0072b2", "#56b4e9"],
  ["#d55e00", "#ff9248"],
  ["#00835c", "#35cf9f"],
  ["#8e44ad", "#cf9bf0"],
  ["#97700a", "#e8c547"],
  ["#c2478a", "#f59ac8"],
  ["#2b2b2b", "#eeeeee"],
  ["#2c8fc0", "#a3dcff"],
  ["#8c564b", "#d0a597"],
  ["#5f6b00", "#b9c65a"],
  ["#b3123f", "#ff8aa6"],
  ["#777777", "#a0a0a0"],
];

export const SERIES_COUNT = SERIES.length - 1;
export const FLOOR_SERIES = SERIES.length - 1;

const VIRIDIS = [
  "#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725",
]; // prettier-ignore

/** Steps of the charge scale; zero has no step (the bare ground). */
export const CHARGE_LEVELS = 10;
/** Steps on each side of the difference scale. */
export const DIFFERENCE_LEVELS = 5;

const LIGHT_DIFFERENCE = { low: "#1d5fa8", zero: "#f4f4f4", high: "#b3261e" };
const DARK_DIFFERENCE = { low: "#6db4ff", zero: "#2b2e33", high: "#ff8a65" };

function channels(colour: string): number[] {
  return [1, 3, 5].map((from) => Number.parseInt(colour.slice(from, from + 2), 16));
}

function mix(from: string, to: string, share: number): string {
  const a = channels(from);
  const b = channels(to);
  const mixed = a.map((value, i) => Math.round(value + (b[i] - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** Colour at `share` in [0, 1] along `stops`. */
function along(stops: readonly string[], share: number): string {
  const position = share * (stops.length - 1);
  const below = Math.min(Math.floor(position), stops.length - 2);
  return mix(stops[below], stops[below + 1], position - below);
}

/** Relative luminance above which dark text reads better than white. */
function isLight(colour: string): boolean {
  const [r, g, b] = channels(colour).map((value) => (value / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18;
}

function chargeColour(level: number, dark: boolean): string {
  const share = level / (CHARGE_LEVELS - 1);
  return along(VIRIDIS, dark ? share : 1 - share);
}

function differenceColour(step: number, dark: boolean): string {
  const scale = dark ? DARK_DIFFERENCE : LIGHT_DIFFERENCE;
  if (step === 0) return scale.zero;
  return mix(scale.zero, step < 0 ? scale.low : scale.high, Math.abs(step) / DIFFERENCE_LEVELS);
}

/** Class of a difference step in -5..5. */
export function differenceClass(step: number): string {
  return `d${step + DIFFERENCE_LEVELS}`;
}

function themeVariables(dark: boolean): string {
  const ground = dark
    ? "--ground:#16181b;--ink:#e9e9e9;--muted:#a9adb3;--faint:#3a3e44;--hair:#565b62;--card:#1d2024;--accent:#7cc0ff;--mark:#ffb454"
    : "--ground:#ffffff;--ink:#1a1a1a;--muted:#5c6066;--faint:#e3e5e8;--hair:#b9bdc3;--card:#f7f8f9;--accent:#0b5cad;--mark:#9a4d00";
  const series = SERIES.map((pair, i) => `--s${i}:${pair[dark ? 1 : 0]}`);
  const levels = Array.from({ length: CHARGE_LEVELS }, (_, i) => {
    const colour = chargeColour(i, dark);
    return `--k${i}:${colour};--n${i}:${isLight(colour) ? "#111" : "#fff"}`;
  });
  const steps = Array.from({ length: 2 * DIFFERENCE_LEVELS + 1 }, (_, i) => {
    return `--d${i}:${differenceColour(i - DIFFERENCE_LEVELS, dark)}`;
  });
  return [ground, ...series, ...levels, ...steps].join(";");
}

/** Custom properties of both themes; print is always light. `root` is ":root" on a page and "svg" in a file. */
export function themeCss(root: string): string {
  return (
    `${root}{color-scheme:light dark;${themeVariables(false)}}\n` +
    `@media screen and (prefers-color-scheme:dark){${root}{${themeVariables(true)}}}\n`
  );
}

const DASHES = ["none", "7 3", "2 3", "8 3 2 3"];
export const DASH_COUNT = DASHES.length;

/** Rules for what stands inside a figure. */
export function figureCss(): string {
  const series = SERIES.map((_, i) => `.s${i}{--c:var(--s${i})}`).join("");
  const dashes = DASHES.map((dash, i) => `.h${i} .line{stroke-dasharray:${dash}}`).join("");
  const levels = Array.from(
    { length: CHARGE_LEVELS },
    (_, i) => `.k${i}{fill:var(--k${i})}.n${i}{fill:var(--n${i})}`,
  ).join("");
  const steps = Array.from({ length: 2 * DIFFERENCE_LEVELS + 1 }, (_, i) => `.d${i}{fill:var(--d${i})}`);
  return `.fig{font-family:Helvetica,Arial,"Liberation Sans",sans-serif;font-size:13px;fill:var(--ink)}
.fig text{stroke:none}
.fig .title{font-size:15px;font-weight:700}
.fig .lesser{font-size:13px;font-weight:700}
.fig .sub,.fig .note{fill:var(--muted);font-size:12px}
.fig .syn{font-style:italic;font-weight:700;fill:var(--mark);font-size:12px}
.fig .ax{font-size:14px}
.fig .small{font-size:11px}
.fig .tiny{font-size:9px}
.fig .m{text-anchor:middle}.fig .e{text-anchor:end}
.fig .frame,.fig .tick{fill:none;stroke:var(--ink);stroke-width:1.1}
.fig .guide{fill:none;stroke:var(--hair);stroke-width:1;stroke-dasharray:3 3}
.fig .front{fill:none;stroke:var(--hair);stroke-width:5;stroke-opacity:.55;stroke-linejoin:round}
.fig .other{fill:none;stroke:var(--hair);stroke-width:1}
.fig .leader{fill:none;stroke:var(--c);stroke-width:.7;stroke-opacity:.7}
.fig .line{fill:none;stroke:var(--c);stroke-width:1.8;stroke-linejoin:round}
.fig .bar{fill:none;stroke:var(--c);stroke-width:1.1}
.fig .band{fill:var(--c);fill-opacity:.2;stroke:none}
.fig .area{fill:var(--c);fill-opacity:.2;stroke:var(--c);stroke-width:1.6}
.fig .dot{fill:var(--c);stroke:var(--c);stroke-width:1.4;stroke-linejoin:round}
.fig .open{fill:var(--ground);stroke:var(--c);stroke-width:1.7;stroke-linejoin:round}
.fig .name{fill:var(--c);font-weight:600;paint-order:stroke;stroke:var(--ground)!important;stroke-width:3px}
.fig .halo{paint-order:stroke;stroke:var(--ground)!important;stroke-width:3px}
.fig .box{fill:var(--ground);stroke:var(--ink);stroke-width:.8}
.fig .cell{stroke:var(--hair);stroke-width:.6}
.fig .bare{fill:var(--ground)}
.fig .third{fill:none;stroke:var(--ink);stroke-width:1}
${series}${dashes}${levels}${steps.join("")}
`;
}
