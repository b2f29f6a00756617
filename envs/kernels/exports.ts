/** A step of the whole batch; 1 where a cost or an observation may not be finite. */
type StepKernel = (plan: number) => number;
/** Observations, and losses if wanted, of environments from … to − 1; 1 where all losses and slopes are finite. */
type ObserveKernel = (plan: number, from: number, to: number, evaluates: number) => number;

/** One phase of the simulator backwards. */
type BackwardKernel = (plan: number) => void;

/** What the module of assembly/index.ts exports. Addresses are in bytes. */
export interface SimulationKernels {
  readonly stepQuadratic: StepKernel;
  readonly stepDoubleWell: StepKernel;
  readonly stepRastrigin: StepKernel;
  readonly stepStyblinskiTang: StepKernel;
  readonly stepSaddle: StepKernel;
  readonly stepLevy: StepKernel;
  readonly stepDense: StepKernel;
  readonly stepReflected: StepKernel;
  readonly stepSoftmax: StepKernel;
  readonly stepValley: StepKernel;
  readonly observeQuadratic: ObserveKernel;
  readonly observeDoubleWell: ObserveKernel;
  readonly observeRastrigin: ObserveKernel;
  readonly observeStyblinskiTang: ObserveKernel;
  readonly observeSaddle: ObserveKernel;
  readonly observeLevy: ObserveKernel;
  readonly observeDense: ObserveKernel;
  readonly observeReflected: ObserveKernel;
  readonly observeSoftmax: ObserveKernel;
  readonly observeValley: ObserveKernel;
  readonly stepBackwardQuadratic: BackwardKernel;
  readonly stepBackwardDoubleWell: BackwardKernel;
  readonly stepBackwardRastrigin: BackwardKernel;
  readonly stepBackwardStyblinskiTang: BackwardKernel;
  readonly stepBackwardSaddle: BackwardKernel;
  readonly stepBackwardLevy: BackwardKernel;
  readonly observationBackwardQuadratic: BackwardKernel;
  readonly observationBackwardDoubleWell: BackwardKernel;
  readonly observationBackwardRastrigin: BackwardKernel;
  readonly observationBackwardStyblinskiTang: BackwardKernel;
  readonly observationBackwardSaddle: BackwardKernel;
  readonly observationBackwardLevy: BackwardKernel;
  turn(plan: number): void;
  normals(high: number, low: number, first: number, counter: number, count: number, out: number): void;
  integers(
    high: number,
    low: number,
    first: number,
    counter: number,
    count: number,
    bound: number,
    out: number,
  ): void;
  hazards(
    high: number,
    low: number,
    first: number,
    counter: number,
    threshold: number,
    count: number,
    changed: number,
  ): number;
  drift(
    minima: number,
    mean: number,
    spread: number,
    normals: number,
    survival: number,
    count: number,
    dimension: number,
  ): void;
}
