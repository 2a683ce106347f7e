/**
 * Adam in float64 and what its kernel is told: rules for the ranges of a network's parameters, settings of a step.
 *
 * Sources: Kingma and Ba 2015, arXiv:1412.6980; decoupled weight decay: Loshchilov and Hutter 2019, arXiv:1711.05101. Weight decay
 * spares batch normalisation; moving statistics move towards those of the batch instead of being optimised.
 */
import type { Plan } from "./network.js";
import type { Optimiser } from "./training.js";

type Reals = Float64Array;

/** Kinds of assembly/_adam.ts. */
const RULE = { decayed: 0, free: 1, moving: 2 } as const;
export const RULE_FIELDS = 4;
export const SETTINGS = 7;

interface Rule {
  readonly first: number;
  readonly count: number;
  readonly kind: (typeof RULE)[keyof typeof RULE];
  readonly momentum: number;
}

/** What is done to each tensor of a network, in order; neighbours of a kind are one rule. */
function rulesOf(plan: Plan): Rule[] {
  const rules: Rule[] = [];
  for (const { layer, tensors } of plan.layers) {
    for (const { offset, size, trainable } of tensors) {
      const isNormalisation = layer.kind === "batch-norm";
      const kind = !trainable ? RULE.moving : isNormalisation ? RULE.free : RULE.decayed;
      const momentum = isNormalisation && !trainable ? layer.momentum : 0;
      const before = rules.length > 0 ? rules[rules.length - 1] : undefined;
      if (before?.kind === kind && before.momentum === momentum) {
        rules[rules.length - 1] = { ...before, count: before.count + size };
      } else rules.push({ first: offset, count: size, kind, momentum });
    }
  }
  return rules;
}

/** The rules as the kernel reads them, [segments, 4]; momentum as float32 bits. */
export function adamRules(plan: Plan): Int32Array {
  const momentum = new Float32Array(1);
  const bits = new Int32Array(momentum.buffer);
  return Int32Array.from(
    rulesOf(plan).flatMap((rule) => {
      momentum[0] = rule.momentum;
      return [rule.first, rule.count, rule.kind, bits[0]];
    }),
  );
}

/** base^exponent by repeated squaring: the same bits everywhere. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2), square *= square) {
    if (rest % 2 === 1) result *= square;
  }
  return result;
}

/** Settings of step number `step` (the first is 1), as the kernel reads them. */
export function adamSettings(optimiser: Optimiser, step: number): Float64Array {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = optimiser;
  const corrections = [1 - power(beta1, step), 1 - power(beta2, step)];
  return Float64Array.of(learningRate, beta1, beta2, epsilon, weightDecay, ...corrections);
}

export interface AdamState {
  readonly parameters: Reals;
  readonly firstMoment: Reals;
  readonly secondMoment: Reals;
}

/** One step, given rules and settings as the kernel gets them; statistics are in the gradient's places. */
export function adamReference(
  state: AdamState,
  gradient: ArrayLike<number>,
  rules: Int32Array,
  settings: Float64Array,
): AdamState {
  const [rate, beta1, beta2, epsilon, decay, correction1, correction2] = settings;
  const parameters = state.parameters.slice();
  const firstMoment = state.firstMoment.slice();
  const secondMoment = state.secondMoment.slice();
  const momenta = new Float32Array(rules.buffer, rules.byteOffset, rules.length);
  for (let at = 0; at < rules.length; at += RULE_FIELDS) {
    const [first, count, kind] = rules.subarray(at, at + RULE_FIELDS);
    for (let i = first; i < first + count; i++) {
      const g = gradient[i];
      if (kind === RULE.moving) {
        parameters[i] = momenta[at + 3] * parameters[i] + (1 - momenta[at + 3]) * g;
        continue;
      }
      firstMoment[i] = beta1 * firstMoment[i] + (1 - beta1) * g;
      secondMoment[i] = beta2 * secondMoment[i] + (1 - beta2) * g * g;
      const change = firstMoment[i] / correction1 / (Math.sqrt(secondMoment[i] / correction2) + epsilon);
      const keep = kind === RULE.decayed ? 1 - rate * decay : 1;
      parameters[i] = keep * parameters[i] - rate * change;
    }
  }
  return { parameters, firstMoment, secondMoment };
}
