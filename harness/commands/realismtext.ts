/** A realism record as text for a terminal: one line per figure, goals beside them. Reads the record only. */
import type { DistributionRecord, RealismRecord, SliceRecord } from "../core/realism.js";

type Goal = DistributionRecord["goal"];

const figure = (value: number | null, digits = 3): string => (value === null ? "-" : value.toFixed(digits));

function verdict(goal: Goal, sign = "<="): string {
  return goal === null
    ? ""
    : `${goal.reached ? "reached" : "NOT reached"} (${sign} ${goal.limit.toFixed(2)})`;
}

function distributionLine({ title, unit, ks, emd, goal }: DistributionRecord): string {
  return `  ${title.padEnd(30)}KS ${figure(ks)}   EMD ${figure(emd)} ${unit.padEnd(18)}${verdict(goal)}`;
}

function sliceLine({
  codec,
  low,
  high,
  synthetic,
  real,
  syntheticRows,
  realRows,
  goal,
}: SliceRecord): string {
  const range = `[${low},${high})`;
  const medians = `${figure(synthetic)} against ${figure(real)}`;
  return `  ${codec.padEnd(40)}${range.padEnd(9)}${medians.padEnd(22)}${`${syntheticRows}/${realRows} rows`.padEnd(20)}${verdict(goal, "within")}`;
}

/** Several lines, each ended. */
export function realismText(record: RealismRecord): string {
  const { synthetic, real, neighbours, classifier } = record;
  const goals = [
    ...record.distributions.map(({ goal }) => goal),
    neighbours.goal,
    ...record.slices.map(({ goal }) => goal),
    classifier.goal,
  ].filter((goal) => goal !== null);
  const against = real.kind === "twin" ? "itself with another seed" : `${real.name}, rows: ${real.selection}`;
  const lines = [
    `${synthetic.id}: ${synthetic.rows} rows (${synthetic.distinct} distinct)`,
    `against ${against}: ${real.rows} rows (${real.distinct} distinct)`,
    "distributions, all rows",
    ...record.distributions.map(distributionLine),
    `neighbours  five best-correlated cells ${figure(neighbours.synthetic)} against ${figure(neighbours.real)} units away   ${verdict(neighbours.goal, "within")}`,
    "EMD medians by occupancy, distinct rows",
    ...record.slices.filter(({ realRows, syntheticRows }) => realRows + syntheticRows > 0).map(sliceLine),
    `classifier  AUC ${figure(classifier.auc)} +- ${figure(classifier.aucError)}   ${verdict(classifier.goal)}   ${classifier.method}, ${classifier.folds} folds, ${classifier.syntheticRows} + ${classifier.realRows} rows`,
    "what gives the synthetic rows away (share of gain; area alone)",
    ...classifier.giveaways.map(
      ({ feature, share, auc }) =>
        `  ${feature.padEnd(32)}${(100 * share).toFixed(1).padStart(5)} %   ${figure(auc)}`,
    ),
    ...record.physics.map(
      ({ title, value, unit, low, high, reached }) =>
        `physics     ${title} ${figure(value)} ${unit} (${low}..${high}: ${reached ? "reached" : "NOT reached"})`,
    ),
    `goals       ${goals.filter(({ reached }) => reached).length} of ${goals.length} reached`,
  ];
  return `${lines.join("\n")}\n`;
}
