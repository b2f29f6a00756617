/** The optimum as a function of where the learner is. */
export interface Feedback {
  /** V, less that of resting for ever at the global minimum. */
  value(at: ArrayLike<number>): number;
  /** Writes the optimal θ̇. */
  velocity(at: ArrayLike<number>, out: Float64Array): void;
  /** Which of the resting points the best path ends in; −1 for none. */
  basin(at: ArrayLike<number>): number;
}
