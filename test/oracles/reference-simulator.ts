import { CholeskyDecomposition, Matrix } from "ml-matrix";
import {
  deriveKey,
  type NavigationProblem,
  normalAt,
  type RandomKey,
  rootKey,
  streams,
  uniformAt,
} from "../../envs/index.js";

export interface ReferenceStep {
  readonly observation: number[];
  readonly cost: number;
  readonly loss: number;
}

/**
 * One environment on a quadratic or double-well landscape, straight from the equations, in plain matrices.
 * Only the streams of random numbers are the library's.
 */
export function referenceSimulator(problem: NavigationProblem, seed: string, index: number) {
  const { landscape, objective, geometry, task, observation, start } = problem;
  const root = rootKey(seed);
  if (landscape.kind !== "quadratic" && landscape.kind !== "double-well") throw new Error("not covered");
  const d = landscape.dimension;
  const control = geometry.control ? new Matrix(copy(geometry.control)) : Matrix.eye(d);
  const metric = geometry.metric ? new Matrix(copy(geometry.metric)) : Matrix.eye(control.columns);
  const driftMatrix = geometry.drift ? new Matrix(copy(geometry.drift.matrix)) : Matrix.zeros(d, d);
  const offset = column(geometry.drift ? [...geometry.drift.offset] : new Array(d).fill(0));

  const gaussian = (
    key: RandomKey,
    counter: number,
    mean: readonly number[],
    covariance: readonly (readonly number[])[],
  ) => {
    const factor = new CholeskyDecomposition(new Matrix(copy(covariance))).lowerTriangularMatrix;
    const normals = column(mean.map((_, j) => normalAt(key, index * d + j, counter)));
    return Matrix.add(column([...mean]), factor.mmul(normals));
  };

  const hessian = (): Matrix => {
    if (landscape.kind !== "quadratic") throw new Error("no Hessian");
    const { curvature } = landscape;
    if ("logUniform" in curvature) {
      const [low, high] = curvature.logUniform;
      const key = deriveKey(root, streams.instance);
      const h = Array.from({ length: d }, (_, j) => low * (high / low) ** uniformAt(key, index * d + j, 0));
      return Matrix.diag(h);
    }
    return typeof curvature[0] === "number"
      ? Matrix.diag([...(curvature as number[])])
      : new Matrix(copy(curvature as number[][]));
  };
  const H = landscape.kind === "quadratic" ? hessian() : null;

  const lossAt = (z: Matrix): number => {
    if (H) return 0.5 * z.transpose().mmul(H).mmul(z).get(0, 0);
    const [x, ...rest] = z.to1DArray();
    return (x * x - 1) ** 2 - tilt() * x + rest.reduce((sum, y) => sum + y * y, 0);
  };
  const gradientAt = (z: Matrix): number[] => {
    if (H) return H.mmul(z).to1DArray();
    const [x, ...rest] = z.to1DArray();
    return [4 * x * (x * x - 1) - tilt(), ...rest.map((y) => 2 * y)];
  };
  const hessianHere = (): Matrix => {
    if (H) return H;
    const x = Matrix.sub(theta, mu).get(0, 0);
    return Matrix.diag([12 * x * x - 4, ...new Array<number>(d - 1).fill(2)]);
  };
  const tilt = () => (landscape.kind === "double-well" ? landscape.tilt : 0);

  const taskKey = deriveKey(root, streams.task);
  const known = landscape.kind === "quadratic" ? landscape.minimum : new Array<number>(d).fill(0);
  const mean = task.mean ?? known;
  let clock = 0;
  let elapsed = 0;
  let cue = 0;
  let update = new Array<number>(d).fill(0);
  let theta =
    start.kind === "point"
      ? column([...start.parameters])
      : gaussian(deriveKey(root, streams.start), 0, start.mean, start.covariance);
  let mu = task.covariance ? gaussian(deriveKey(taskKey, 0), 0, mean, task.covariance) : column([...mean]);

  const changeTask = () => {
    if (task.kind === "redrawn") {
      const survival = Math.exp(-task.hazardRate * objective.timeStep);
      cue = uniformAt(deriveKey(taskKey, 2), index, clock) >= survival ? 1 : 0;
      if (cue === 1) mu = gaussian(deriveKey(taskKey, 1), clock, task.mean, task.covariance);
    }
    if (task.kind === "drifting") {
      const a = Math.exp(-task.relaxationRate * objective.timeStep);
      const centred = gaussian(deriveKey(taskKey, 1), clock, new Array(d).fill(0), task.covariance);
      const m = column([...task.mean]);
      mu = Matrix.add(m, Matrix.add(Matrix.sub(mu, m).mul(a), centred.mul(Math.sqrt(1 - a * a))));
    }
  };

  const observedGradient = (): number[] => {
    const exact = gradientAt(Matrix.sub(theta, mu));
    const noise = observation.kind === "gradient" || observation.kind === "sign" ? observation.noise : 0;
    const normals = exact.map((_, j) => normalAt(deriveKey(root, streams.noise), index * d + j, clock));
    if (typeof noise === "number") return exact.map((g, j) => g + noise * normals[j]);
    if ("minibatch" in noise || !H) throw new Error("not covered");
    const factor = new CholeskyDecomposition(H).lowerTriangularMatrix;
    const shaped = factor.mmul(column(normals)).to1DArray();
    return exact.map((g, j) => g + shaped[j] / Math.sqrt(noise.fisher.batchSize));
  };

  const lossNoise = (): number => {
    if (observation.kind !== "loss") return 0;
    return observation.noise * normalAt(deriveKey(root, streams.lossNoise), index, clock);
  };

  const channel = {
    gradient: observedGradient,
    parameters: () => theta.to1DArray(),
    sign: () => observedGradient().map((g) => (g > 0 ? 1 : g < 0 ? -1 : 0)),
    loss: () => [lossAt(Matrix.sub(theta, mu)) + lossNoise()],
    hessianVector: () => hessianHere().mmul(column(update)).to1DArray(),
    update: () => update,
    time: () => [elapsed],
    minimum: () => mu.to1DArray(),
    cue: () => [cue],
    curvature: () => hessianHere().diagonal(),
  };
  const names =
    observation.kind !== "state"
      ? observation.channels
      : [
          "parameters" as const,
          ...(task.kind !== "static" || task.mean ? ["minimum" as const] : []),
          ...(landscape.kind === "quadratic" && "logUniform" in landscape.curvature
            ? ["curvature" as const]
            : []),
        ];
  const told = ["gradient", "sign", "loss", "curvature", "hessianVector"];
  const delay = observation.kind === "state" ? 0 : (observation.delay ?? 0);
  const coordinates = "coordinates" in observation ? observation.coordinates : undefined;
  const choose = (values: number[]) => (values.length === d && coordinates?.map((j) => values[j])) || values;
  /** Every channel at every step so far. */
  const history: number[][][] = [];
  const record = () => history.push(names.map((name) => channel[name]()));
  const observe = () =>
    names.flatMap((name, i) => {
      if (!told.includes(name)) return history[elapsed][i];
      const late = history[Math.max(0, elapsed - delay)][i];
      return name === "loss" ? late : choose(late);
    });
  record();

  return {
    observe,
    minimum: () => mu.to1DArray(),
    step(action: readonly number[]): ReferenceStep {
      const { timeStep, mobility, lossWeight } = objective;
      const u = column([...action]);
      const velocity = Matrix.add(Matrix.add(driftMatrix.mmul(theta), offset), control.mmul(u));
      update = Matrix.mul(velocity, timeStep).to1DArray();
      theta = Matrix.add(theta, column(update));
      const loss = lossAt(Matrix.sub(theta, mu));
      const effort = u.transpose().mmul(metric).mmul(u).get(0, 0) / (2 * mobility);
      clock++;
      elapsed++;
      changeTask();
      record();
      return { observation: observe(), cost: timeStep * (effort + lossWeight * loss), loss };
    },
  };
}

function column(values: number[]): Matrix {
  return Matrix.columnVector(values);
}

function copy(rows: readonly (readonly number[])[]): number[][] {
  return rows.map((row) => [...row]);
}
