import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Numbers, type Operations, padLanes } from "../../agents/kernels/kernels.js";
import { MLP_BLOCK } from "../../agents/kernels/network-operations.js";
import { wasmKernels } from "../../agents/kernels/wasm.js";
import { both, expectAgreement } from "./both-kernels.js";

/** Inputs, hidden units, outputs; blocks of lanes that are whole, begun, and alone. */
const networks = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 13 }), { minLength: 3, maxLength: 5 }),
  lanes: fc.integer({ min: 1, max: 300 }).map(padLanes),
});
const seeds = fc.integer({ min: 0, max: 1e6 });

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function lengthsOf(sizes: readonly number[], lanes: number) {
  const [inputs, ...units] = sizes;
  const outputs = units[units.length - 1];
  const fanIns = [inputs, ...units.slice(0, -2), units[units.length - 2] + inputs];
  return {
    sizes: sizes.length,
    parameters: sum(units.map((count, l) => count * (fanIns[l] + 1))),
    input: inputs * lanes,
    hidden: sum(units.slice(0, -1)) * lanes,
    output: outputs * lanes,
  };
}

type Arrays = Record<keyof ReturnType<typeof lengthsOf>, Numbers>;

describe("the multilayer perceptron of the wasm kernels agrees with the float64 reference", () => {
  test("forward", () => {
    const property = fc.property(networks, seeds, ({ sizes, lanes }, seed) => {
      const results = both(lengthsOf(sizes, lanes), seed, (k, arrays) => forward(k, sizes, lanes, arrays));
      expectAgreement(results.filter(({ name }) => name !== "hidden"));
    });
    fc.assert(property, { seed: 7, numRuns: 60 });
  });

  test("backward", () => {
    const property = fc.property(networks, seeds, ({ sizes, lanes }, seed) => {
      const { parameters, input, ...rest } = lengthsOf(sizes, lanes);
      const scratch = (rest.hidden / lanes) * MLP_BLOCK;
      const lengths = { ...rest, parameters, input, dInput: input, dParameters: parameters, scratch };
      const results = both(lengths, seed, (k, { dInput, dParameters, scratch, ...arrays }) => {
        const shape = forward(k, sizes, lanes, arrays);
        const gradients = { output: arrays.output, input: dInput, parameters: dParameters, hidden: scratch };
        k.mlpBackward(shape, arrays.parameters, arrays.input, arrays.hidden, gradients);
      });
      expectAgreement(results.filter(({ name }) => name !== "hidden" && name !== "scratch"));
    });
    fc.assert(property, { seed: 8, numRuns: 60 });
  });
});

function forward(k: Operations, sizes: readonly number[], lanes: number, arrays: Arrays) {
  const { parameters, input, hidden, output } = arrays;
  arrays.sizes.set(sizes);
  const shape = { sizes: arrays.sizes, lanes };
  k.mlpForward(shape, parameters, input, hidden, output);
  return shape;
}

test.each([12, 1e30])("tanh is off by less than 1e-6 up to %d, and saturates", (largest) => {
  const lanes = 80_000;
  const { arrays, operations } = wasmKernels().workspace(lengthsOf([1, 1, 1], lanes));
  const points = arrays.input.map((_, i) => largest * ((2 * i) / (lanes - 1) - 1));
  arrays.input.set(points);
  // Weight and bias of the hidden unit, weights of unit and input, bias of the output.
  arrays.parameters.set([1, 0, 1, 0, 0]);
  forward(operations as Operations, [1, 1, 1], lanes, arrays);
  const error = (output: number, i: number) => Math.abs(output - Math.tanh(points[i]));
  expect(arrays.output.reduce((worst, output, i) => Math.max(worst, error(output, i)), 0)).toBeLessThan(1e-6);
});
