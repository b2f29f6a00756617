import { AdjointPlan, observationBackward, stepBackward } from "./adjoint";
import { DOUBLE_WELL, LEVY, QUADRATIC, RASTRIGIN, SADDLE, STYBLINSKI_TANG } from "./families";
import { observeRows } from "./observe";
import { isPlain, stepPairs } from "./pairs";
import { DENSE, observePhases, REFLECTED, SOFTMAX, stepPhases, VALLEY } from "./phases";
import { Plan } from "./plan";
import { stepRows } from "./rows";

export { drift, hazards } from "./hazards";
export { addBackward, addOuterProducts, addProducts } from "./layers";
export { normals } from "./normals";
export { integers } from "./softmax";

export function heapBase(): usize {
  return __heap_base;
}

/** Takes the last step back, but for its costs and observations. */
export function turn(plan: Plan): void {
  plan.turn();
}

@inline
function step(family: i32, plan: Plan): bool {
  return plan.noise ? stepSeen(family, true, plan) : stepSeen(family, false, plan);
}

@inline
function stepSeen(family: i32, isNoisy: bool, plan: Plan): bool {
  if (plan.dimension > 2) return stepRows(family, isNoisy, plan);
  if (isPlain(plan)) {
    if (plan.dimension == 1) return stepPairs(family, 1, isNoisy, true, plan);
    return stepPairs(family, 2, isNoisy, true, plan);
  }
  if (plan.dimension == 1) return stepPairs(family, 1, isNoisy, false, plan);
  return stepPairs(family, 2, isNoisy, false, plan);
}

export function stepQuadratic(plan: Plan): bool {
  return step(QUADRATIC, plan);
}

export function stepDoubleWell(plan: Plan): bool {
  return step(DOUBLE_WELL, plan);
}

export function stepRastrigin(plan: Plan): bool {
  return step(RASTRIGIN, plan);
}

export function stepStyblinskiTang(plan: Plan): bool {
  return step(STYBLINSKI_TANG, plan);
}

export function stepSaddle(plan: Plan): bool {
  return step(SADDLE, plan);
}

export function stepLevy(plan: Plan): bool {
  return step(LEVY, plan);
}

export function observeQuadratic(plan: Plan, from: i32, to: i32, evaluates: bool): bool {
  return observeRows(QUADRATIC, plan, from, to, evaluates);
}

export function observeDoubleWell(plan: Plan, from: i32, to: i32, evaluates: bool): bool {
  return observeRows(DOUBLE_WELL, plan, from, to, evaluates);
}

export function observeRastrigin(plan: Plan, from: i32, to: i32, evaluates: bool): bool {
  return observeRows(RASTRIGIN, plan, from, to, evaluates);
}

export function observeStyblinskiTang(plan: Plan, from: i32, to: i32, evaluates: bool): bool {
  return observeRows(STYBLINSKI_TANG, plan, from, to, evaluates);
}

export function observeSaddle(plan: Plan, from: i32, to: i32, evaluates: bool): bool {
  return observeRows(SADDLE, plan, from, to, evaluates);
}

export function observeLevy(plan: Plan, from: i32, to: i32, evaluates: bool): bool {
  return observeRows(LEVY, plan, from, to, evaluates);
}

export function stepDense(plan: Plan): bool {
  return stepPhases(DENSE, plan);
}

export function observeDense(plan: Plan, from: i32, to: i32, evaluates: bool): bool {
  return observePhases(DENSE, plan, from, to, evaluates);
}

export function stepReflected(plan: Plan): bool {
  return stepPhases(REFLECTED, plan);
}

export function observeReflected(plan: Plan, from: i32, to: i32, evaluates: bool): bool {
  return observePhases(REFLECTED, plan, from, to, evaluates);
}

export function stepSoftmax(plan: Plan): bool {
  return stepPhases(SOFTMAX, plan);
}

export function observeSoftmax(plan: Plan, from: i32, to: i32, evaluates: bool): bool {
  return observePhases(SOFTMAX, plan, from, to, evaluates);
}

export function stepValley(plan: Plan): bool {
  return stepPhases(VALLEY, plan);
}

export function observeValley(plan: Plan, from: i32, to: i32, evaluates: bool): bool {
  return observePhases(VALLEY, plan, from, to, evaluates);
}

export function stepBackwardQuadratic(plan: AdjointPlan): void {
  stepBackward(QUADRATIC, plan);
}

export function observationBackwardQuadratic(plan: AdjointPlan): void {
  observationBackward(QUADRATIC, plan);
}

export function stepBackwardDoubleWell(plan: AdjointPlan): void {
  stepBackward(DOUBLE_WELL, plan);
}

export function observationBackwardDoubleWell(plan: AdjointPlan): void {
  observationBackward(DOUBLE_WELL, plan);
}

export function stepBackwardRastrigin(plan: AdjointPlan): void {
  stepBackward(RASTRIGIN, plan);
}

export function observationBackwardRastrigin(plan: AdjointPlan): void {
  observationBackward(RASTRIGIN, plan);
}

export function stepBackwardStyblinskiTang(plan: AdjointPlan): void {
  stepBackward(STYBLINSKI_TANG, plan);
}

export function observationBackwardStyblinskiTang(plan: AdjointPlan): void {
  observationBackward(STYBLINSKI_TANG, plan);
}

export function stepBackwardSaddle(plan: AdjointPlan): void {
  stepBackward(SADDLE, plan);
}

export function observationBackwardSaddle(plan: AdjointPlan): void {
  observationBackward(SADDLE, plan);
}

export function stepBackwardLevy(plan: AdjointPlan): void {
  stepBackward(LEVY, plan);
}

export function observationBackwardLevy(plan: AdjointPlan): void {
  observationBackward(LEVY, plan);
}
