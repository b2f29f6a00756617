export { dense, denseInputGradient } from "./dense";
export { denseWeightGradient } from "./dense-weights";
export {
  expArray,
  logArray,
  sigmoidArray,
  sigmoidGradient,
  tanhArray,
  tanhGradient,
} from "./elementwise";
export { gruStep, gruStepGradient } from "./gru";

/** The first address that is free. */
export function heapBase(): usize {
  return __heap_base;
}
