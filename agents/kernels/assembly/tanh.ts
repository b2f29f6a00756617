// Arrays have a length that is a multiple of 8. Outputs may be the inputs.
import { tanhPair } from "./functions";

export function tanhArray(input: usize, output: usize, count: i32): void {
  const end = input + ((<usize>count) << 2);
  for (; input < end; input += 32, output += 32) tanhPair(input, output);
}

/** inputGradient = outputGradient ⊙ (1 − output²). */
export function tanhGradient(output: usize, outputGradient: usize, inputGradient: usize, count: i32): void {
  const one = f32x4.splat(1);
  const end = output + ((<usize>count) << 2);
  for (; output < end; output += 16, outputGradient += 16, inputGradient += 16) {
    const y = v128.load(output);
    const slope = f32x4.sub(one, f32x4.mul(y, y));
    v128.store(inputGradient, f32x4.mul(v128.load(outputGradient), slope));
  }
}
