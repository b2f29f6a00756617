import fc from "fast-check";
import { Matrix } from "ml-matrix";
import { fillNormals, rootKey } from "../../envs/core/random.js";
import type { LinearQuadratic } from "../../solvers/riccati.js";

/** A driftless problem with I for metric and control and 1 for η and k, but for what is given. */
export function linearQuadratic(
  given: Partial<LinearQuadratic> & Pick<LinearQuadratic, "curvature">,
): LinearQuadratic {
  const size = given.curvature.length;
  const eye = Matrix.eye(size).to2DArray();
  const zeros = new Array<number>(size).fill(0);
  return {
    drift: Matrix.zeros(size, size).to2DArray(),
    offset: zeros,
    control: eye,
    metric: eye,
    minimum: zeros,
    mobility: 1,
    lossWeight: 1,
    discountRate: 0,
    timeStep: 0.1,
    ...given,
  };
}

const entry = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 1000);

export function positiveDefinite(entries: number[], size: number): number[][] {
  const root = Matrix.from1DArray(size, size, entries.slice(0, size * size));
  return root
    .mmul(root.transpose())
    .add(Matrix.eye(size, size, 0.3))
    .to2DArray();
}

/** Random linear-quadratic problems of one to three dimensions. */
export function randomProblem({ drift }: { readonly drift: boolean }): fc.Arbitrary<LinearQuadratic> {
  return fc
    .record({
      size: fc.integer({ min: 1, max: 3 }),
      entries: fc.array(entry, { minLength: 42, maxLength: 42 }),
      mobility: fc.double({ min: 0.2, max: 3, noNaN: true }),
      lossWeight: fc.double({ min: 0.2, max: 3, noNaN: true }),
      discountRate: fc.double({ min: 0.1, max: 5, noNaN: true }),
      timeStep: fc.double({ min: 0.02, max: 0.5, noNaN: true }),
    })
    .map(({ size, entries, ...objective }) =>
      linearQuadratic({
        curvature: positiveDefinite(entries.slice(0, 9), size),
        metric: positiveDefinite(entries.slice(9, 18), size),
        minimum: entries.slice(18, 18 + size),
        ...(drift && {
          drift: Matrix.from1DArray(size, size, entries.slice(21, 21 + size * size)).to2DArray(),
          offset: entries.slice(30, 30 + size),
        }),
        ...objective,
      }),
    );
}

/** A problem whose every matrix is full of normal entries, and whose drift lets about half the modes grow. */
export function denseProblem(size: number, pushes: number, discountRate: number): LinearQuadratic {
  let stream = 0;
  const normals = (rows: number, columns: number) => {
    const out = new Float64Array(rows * columns);
    fillNormals(rootKey("dense problem"), stream++, 0, out.length, out);
    return Matrix.from1DArray(rows, columns, Array.from(out)).div(Math.sqrt(columns));
  };
  const definite = (rows: number) => {
    const root = normals(rows, rows);
    return root
      .mmul(root.transpose())
      .add(Matrix.eye(rows, rows, 0.3))
      .to2DArray();
  };
  return linearQuadratic({
    curvature: definite(size),
    drift: normals(size, size).to2DArray(),
    control: normals(size, pushes).to2DArray(),
    metric: definite(pushes),
    offset: normals(size, 1).to1DArray(),
    minimum: normals(size, 1).to1DArray(),
    discountRate,
  });
}
