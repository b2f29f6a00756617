import { DOUBLE_WELL, QUADRATIC, RASTRIGIN, STYBLINSKI_TANG } from "./families";
import { observeRows } from "./observe";
import { stepPairs } from "./pairs";
import { Plan } from "./plan";
import { stepRows } from "./rows";

export { allFinite, drift, hazards } from "./hazards";
export { normals } from "./normals";

export function heapBase(): usize {
  return __heap_base;
}

// @ts-ignore: decorator
@inline
function step(family: i32, plan: Plan): bool {
  if (plan.dimension == 1) return stepPairs(family, 1, plan);
  if (plan.dimension == 2) return stepPairs(family, 2, plan);
  return stepRows(family, plan);
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
