/**
 * Jets with the 27 variables of ATLAS's trigger-level analysis.
 *
 * Sums over simulated clusters give every variable a score; the scores of a pilot sample are matched to the published marginals;
 * what the detector's geometry fixes (centroid, hadronic endcap) and what the area's definition fixes follows from those.
 */
import { log, sqrt } from "../../core/elementary.js";
import { rng, type Rng } from "../../core/rng.js";
import { centroidRadius, hadronicEndcapShare } from "./atlascalorimeter.js";
import { clusterSums, type ClusterSums } from "./atlasclusters.js";
import * as marginal from "./atlasmarginals.js";
import { quantileAt, scoreMap, type ScoreMap } from "./quantilemap.js";

/** Areas are counts of ghost particles: the step of the published values, pi / 315. */
const AREA_STEP = 0.0099733;
const PILOT_JETS = 8192;
const PILOT_SEED = 27;
const PI = 3.141592653589793;

const AREA_ETA_SPREAD = 0.012;
const DETECTOR_ETA_SPREAD = 0.02;
const AREA_PHI_SPREAD = 0.01;
const AREA_PT_PER_AREA = 0.98;
const AREA_MASS_SCALE = 0.405;

interface Drawn {
  readonly pt: number;
  readonly eta: number;
  readonly sums: ClusterSums;
}

function draw(random: Rng): Drawn {
  const pt = quantileAt(marginal.PT, random.uniform());
  const side = random.uniform() < 0.5 ? -1 : 1;
  const eta = side * quantileAt(marginal.ABSOLUTE_ETA, random.uniform());
  return { pt, eta, sums: clusterSums(pt, random) };
}

/** What has a published marginal: how a jet scores, and the marginal. */
const SCORES = {
  mass: [({ sums }: Drawn) => sums.mass, marginal.MASS],
  width: [({ sums }: Drawn) => sums.width, marginal.WIDTH],
  widthPhi: [({ sums }: Drawn) => sums.widthPhi, marginal.WIDTH_PHI],
  leadingPt: [({ pt, sums }: Drawn) => log(pt * sums.leadingShare), marginal.LEADING_PT],
  em: [({ sums }: Drawn) => sums.emFraction, marginal.EM_FRACTION],
  depth: [({ sums }: Drawn) => sums.depth, marginal.CENTER_LAMBDA],
  secondLambda: [({ sums }: Drawn) => sums.secondLambda, marginal.SECOND_LAMBDA],
  secondR: [({ sums }: Drawn) => sums.secondR, marginal.SECOND_R],
  time: [({ sums }: Drawn) => sums.time, marginal.TIMING],
  late5: [({ sums }: Drawn) => sums.late5, marginal.OOT_5],
  late10: [({ sums }: Drawn) => sums.late10, marginal.OOT_10],
  quality: [({ sums }: Drawn) => sums.quality, marginal.AVERAGE_LAR_QF],
  larQuality: [({ sums }: Drawn) => sums.quality, marginal.LAR_QUALITY],
  negative: [({ sums }: Drawn) => sums.negative, marginal.NEGATIVE_E],
} as const;
type Score = keyof typeof SCORES;

type Calibration = Readonly<Record<Score | "n90", ScoreMap>>;

let calibrated: Calibration | undefined;

/** Maps from scores to marginals, from a pilot sample that is always the same. */
function calibration(): Calibration {
  calibrated ??= calibrate();
  return calibrated;
}

function calibrate(): Calibration {
  const pilot = Array.from({ length: PILOT_JETS }, (_, jet) => draw(rng(PILOT_SEED, jet)));
  const maps = Object.entries(SCORES).map(([name, [score, table]]) => [
    name,
    scoreMap(Float64Array.from(pilot, score), table),
  ]);
  const n90 = scoreMap(
    Float64Array.from(pilot, ({ sums }) => sums.n90),
    marginal.N90_BOUNDARIES,
    marginal.N90_PROBABILITIES,
  );
  return { ...(Object.fromEntries(maps) as Record<Score, ScoreMap>), n90 };
}

/** phi in (-pi, pi]. */
const wrapped = (phi: number): number => (phi > PI ? phi - 2 * PI : phi <= -PI ? phi + 2 * PI : phi);

/** One jet into `row`, in the order of ATLAS_27D: float32 values. */
export function atlasJet(random: Rng, row: Float64Array): void {
  const maps = calibration();
  const drawn = draw(random);
  const { pt, eta } = drawn;
  const of = (name: Score): number => maps[name](SCORES[name][0](drawn));
  const phi = PI * (1 - 2 * random.uniform());
  const area = AREA_STEP * Math.round(quantileAt(marginal.ACTIVE_AREA, random.uniform()) / AREA_STEP);
  const em = of("em");
  const detectorEta = eta + DETECTOR_ETA_SPREAD * random.normal();
  const hadronicEndcap = hadronicEndcapShare(detectorEta);
  const inHadronicEndcap = hadronicEndcap > 0;
  const values = [
    pt,
    eta,
    phi,
    of("mass"),
    area,
    1.01 * eta + AREA_ETA_SPREAD * random.normal(),
    AREA_MASS_SCALE * area * sqrt(area) * (1 + 0.03 * random.normal()),
    wrapped(phi + AREA_PHI_SPREAD * random.normal()),
    AREA_PT_PER_AREA * area * (1 + 0.002 * random.normal()),
    of("quality"),
    of("negative"),
    inHadronicEndcap && random.uniform() < 0.17 ? quantileAt(marginal.HEC_QUALITY, random.uniform()) : 0,
    of("larQuality"),
    of("width"),
    of("widthPhi"),
    centroidRadius(detectorEta, em) * (1 + 0.008 * random.normal()),
    detectorEta,
    of("depth"),
    Math.min(of("leadingPt"), pt),
    of("secondLambda"),
    of("secondR"),
    Math.max(1, Math.round(maps.n90(drawn.sums.n90))),
    em,
    inHadronicEndcap ? hadronicEndcap * (1 - em) : 0,
    of("time"),
    Math.min(of("late10"), of("late5")),
    of("late5"),
  ];
  row.set(values.map(Math.fround));
}
