import { fitDecay } from "../probes/momentum-kernel.js";
import { type Answers, PULSE, REPEAT, type Recording } from "./probe.js";

/** What is true of a policy whatever its formula. */
export interface Structure {
  /** p in |u| ∝ cᵖ when all gradients grow by c = 10: 1 for gradient descent, 0 for Adam. */
  readonly degree: number;
  /** Whether the action depends on where the parameters are. */
  readonly readsParameters: boolean;
  /** Whether the same observation can be answered differently later: any memory, of sizes as well, or a schedule. */
  readonly remembers: boolean;
  /** Whether the action goes on after a gradient pulse, in a direction that depends on the pulse's. */
  readonly hasMomentum: boolean;
  /** Decay β per step of the response to the pulse, as `fitDecay` fits it; 0 without momentum. */
  readonly memory: number;
}

/** Relative difference between actions that counts as one; kernels in float32 stay below it. */
const DIFFERENT = 1e-5;
/** Response after a pulse, relative to the greatest, that counts as momentum. */
const LINGERING = 1e-2;

export function structureOf({
  questions: { base, tenfold, elsewhere, pulse, counterPulse },
}: Answers): Structure {
  const response = pulseResponse(pulse, counterPulse);
  const greatest = Math.max(...response.map(Math.abs));
  const after = Math.max(...response.slice(1).map(Math.abs));
  const hasMomentum = after > LINGERING * greatest;
  const repeats = base.increments.filter((_, t) => t % REPEAT === 0);
  return {
    degree: Math.log10(rms(tenfold.increments) / rms(base.increments)),
    readsParameters: differ(base.increments, elsewhere.increments),
    remembers: hasMomentum || differ(repeats, new Array<Float64Array>(repeats.length).fill(repeats[0])),
    hasMomentum,
    memory: hasMomentum ? fitDecay(response) : 0,
  };
}

/** Half the difference between the answers to a pulse and its opposite, summed over coordinates. */
function pulseResponse(pulse: Recording, counterPulse: Recording): number[] {
  return pulse.increments
    .slice(PULSE)
    .map((up, n) =>
      up.reduce((sum, value, i) => sum + (value - counterPulse.increments[PULSE + n][i]) / 2, 0),
    );
}

function differ(a: readonly Float64Array[], b: readonly Float64Array[]): boolean {
  const difference = a.map((values, t) => values.map((value, i) => value - b[t][i]));
  return rms(difference) > DIFFERENT * Math.max(rms(a), rms(b));
}

function rms(steps: readonly Float64Array[]): number {
  const squares = steps.reduce((sum, values) => values.reduce((s, value) => s + value * value, sum), 0);
  return Math.sqrt(squares / (steps.length * steps[0].length));
}
