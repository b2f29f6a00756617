import type { MlpGradients, MlpShape } from "./network-operations.js";

/** One lane at a time; `hidden` is `[units of all hidden layers, lanes]`. */
export function mlpForward(
  { sizes, lanes }: MlpShape<Float64Array>,
  parameters: Float64Array,
  input: Float64Array,
  hidden: Float64Array,
  output: Float64Array,
): void {
  const layers = layersOf(sizes);
  for (let lane = 0; lane < lanes; lane++) {
    for (const { isLast, units, fanIn, unitsBelow, unitsBefore, weights } of layers) {
      const bias = weights + units * fanIn;
      for (let o = 0; o < units; o++) {
        let sum = parameters[bias + o];
        for (let i = 0; i < fanIn; i++)
          sum += parameters[weights + o * fanIn + i] * entering(i, unitsBelow, unitsBefore, lane);
        if (isLast) output[o * lanes + lane] = sum;
        else hidden[(unitsBefore + o) * lanes + lane] = Math.tanh(sum);
      }
    }
  }

  /** What enters a layer: the hidden units below it, then, where it takes them, the inputs. */
  function entering(i: number, unitsBelow: number, unitsBefore: number, lane: number): number {
    return i < unitsBelow
      ? hidden[(unitsBefore - unitsBelow + i) * lanes + lane]
      : input[(i - unitsBelow) * lanes + lane];
  }
}

export function mlpBackward(
  { sizes, lanes }: MlpShape<Float64Array>,
  parameters: Float64Array,
  input: Float64Array,
  hidden: Float64Array,
  gradients: MlpGradients<Float64Array>,
): void {
  const layers = layersOf(sizes).reverse();
  const hiddenGradient = new Float64Array(hidden.length / lanes);
  for (let lane = 0; lane < lanes; lane++) {
    hiddenGradient.fill(0);
    for (let i = 0; i < sizes[0]; i++) gradients.input[i * lanes + lane] = 0;
    for (const { isLast, units, fanIn, unitsBelow, unitsBefore, weights } of layers) {
      const bias = weights + units * fanIn;
      for (let o = 0; o < units; o++) {
        const unit = unitsBefore + o;
        const gradient = isLast
          ? gradients.output[o * lanes + lane]
          : hiddenGradient[unit] * (1 - hidden[unit * lanes + lane] ** 2);
        gradients.parameters[bias + o] += gradient;
        for (let i = 0; i < fanIn; i++) {
          const at = weights + o * fanIn + i;
          const below = unitsBefore - unitsBelow + i;
          const above = (i - unitsBelow) * lanes + lane;
          if (i < unitsBelow) {
            gradients.parameters[at] += gradient * hidden[below * lanes + lane];
            hiddenGradient[below] += gradient * parameters[at];
          } else {
            gradients.parameters[at] += gradient * input[above];
            gradients.input[above] += gradient * parameters[at];
          }
        }
      }
    }
  }
}

/** Each layer: its units, what enters one of them, the hidden units below it and before it, where its weights begin. */
function layersOf(sizes: Float64Array) {
  const [inputs, ...rest] = sizes;
  let weights = 0;
  let unitsBefore = 0;
  let unitsBelow = 0;
  return rest.map((units, l) => {
    const isLast = l === rest.length - 1;
    const fanIn = isLast || l === 0 ? unitsBelow + inputs : unitsBelow;
    const layer = { isLast, units, fanIn, unitsBelow, unitsBefore, weights };
    weights += units * (fanIn + 1);
    unitsBefore += units;
    unitsBelow = units;
    return layer;
  });
}
