import type { NetworkOperations } from "./network-operations.js";

type Kernel = (...parameters: number[]) => void;

export interface NetworkExports {
  readonly dense: Kernel;
  readonly denseInputGradient: Kernel;
  readonly denseWeightGradient: Kernel;
  readonly mlpForward: Kernel;
  readonly mlpBackward: Kernel;
  readonly gruStep: Kernel;
  readonly gruStepGradient: Kernel;
  readonly lstmStep: Kernel;
  readonly lstmStepGradient: Kernel;
}

/** Hands arrays over as addresses. */
export function networkOperations(kernels: NetworkExports): NetworkOperations<Float32Array> {
  return {
    dense({ outputs, inputs, lanes }, weights, bias, input, output) {
      kernels.dense(
        weights.byteOffset,
        bias ? bias.byteOffset : 0,
        input.byteOffset,
        output.byteOffset,
        outputs,
        inputs,
        lanes,
      );
    },
    denseInputGradient({ outputs, inputs, lanes }, weights, outputGradient, inputGradient, accumulate) {
      kernels.denseInputGradient(
        weights.byteOffset,
        outputGradient.byteOffset,
        inputGradient.byteOffset,
        outputs,
        inputs,
        lanes,
        accumulate ? 1 : 0,
      );
    },
    denseWeightGradient({ outputs, inputs, lanes }, outputGradient, input, weightGradient, biasGradient) {
      kernels.denseWeightGradient(
        outputGradient.byteOffset,
        input.byteOffset,
        weightGradient.byteOffset,
        biasGradient ? biasGradient.byteOffset : 0,
        outputs,
        inputs,
        lanes,
      );
    },
    mlpForward: ({ sizes, lanes }, parameters, input, hidden, output) =>
      kernels.mlpForward(
        sizes.byteOffset,
        sizes.length - 2,
        parameters.byteOffset,
        input.byteOffset,
        hidden.byteOffset,
        output.byteOffset,
        lanes,
      ),
    mlpBackward: ({ sizes, lanes }, parameters, input, hidden, gradients) =>
      kernels.mlpBackward(
        sizes.byteOffset,
        sizes.length - 2,
        parameters.byteOffset,
        input.byteOffset,
        hidden.byteOffset,
        gradients.output.byteOffset,
        gradients.hidden.byteOffset,
        gradients.input.byteOffset,
        gradients.parameters.byteOffset,
        parameters.length,
        lanes,
      ),
    gruStep: (gates, memory, next) =>
      kernels.gruStep(gates.byteOffset, memory.byteOffset, next.byteOffset, memory.length),
    gruStepGradient: (gates, memory, memoryGradient, gateGradient) =>
      kernels.gruStepGradient(
        gates.byteOffset,
        memory.byteOffset,
        memoryGradient.byteOffset,
        gateGradient.byteOffset,
        memory.length,
      ),
    lstmStep: (gates, cell, nextCell, memory) =>
      kernels.lstmStep(
        gates.byteOffset,
        cell.byteOffset,
        nextCell.byteOffset,
        memory.byteOffset,
        cell.length,
      ),
    lstmStepGradient: (gates, cell, nextCell, memoryGradient, cellGradient, gateGradient) =>
      kernels.lstmStepGradient(
        gates.byteOffset,
        cell.byteOffset,
        nextCell.byteOffset,
        memoryGradient.byteOffset,
        cellGradient.byteOffset,
        gateGradient.byteOffset,
        cell.length,
      ),
  };
}
