import { refuseOthers } from "../arguments.js";
import type { Env } from "../env.js";
import { Box, batchSpace } from "../spaces.js";
import type { VectorEnv } from "../vector-env.js";
import { wrapAny } from "./single.js";
import { VectorWrapper } from "./vector-wrapper.js";

export interface RescaleActionOptions {
  /** Smallest and largest action of the wrapped environment, one for all or one per element. */
  readonly low: number | ArrayLike<number>;
  readonly high: number | ArrayLike<number>;
  /**
   * The actions that they stand for, where the environment's own space has no bounds or others are wanted.
   * Default: the bounds of its action space.
   */
  readonly to?: { readonly low: number | ArrayLike<number>; readonly high: number | ArrayLike<number> };
}

/**
 * Maps actions from [low, high] to the bounds of the action space, by a straight line.
 *
 * @throws Error when a bound is not finite, or low is not below high
 */
export function rescaleAction<E extends Env | VectorEnv>(env: E, options: RescaleActionOptions): E {
  return wrapAny(env, (batch) => new RescaleAction(batch, options));
}

class RescaleAction extends VectorWrapper {
  private readonly single: Box;
  private readonly all: Box;
  private readonly target: Box;
  private readonly scaled: Float64Array;

  constructor(env: VectorEnv, { low, high, to, ...others }: RescaleActionOptions) {
    super(env);
    refuseOthers("rescaleAction", others, "low, high, to");
    const { shape, ...bounds } = env.singleActionSpace;
    this.single = new Box({ shape, low, high });
    this.target = new Box({ shape, ...(to ?? { low: bounds.low, high: bounds.high }) });
    requireBounded("options", this.single);
    requireBounded(to ? "options.to" : "the action space (options.to replaces its bounds)", this.target);
    this.all = batchSpace(this.single, env.numEnvs);
    this.scaled = new Float64Array(this.all.size);
  }

  override get singleActionSpace(): Box {
    return this.single;
  }
  override get actionSpace(): Box {
    return this.all;
  }

  protected override actions(given: Float64Array): Float64Array {
    const { scaled, single, target } = this;
    for (let i = 0, j = 0; i < scaled.length; i++, j = (j + 1) % single.size) {
      const share = (given[i] - single.low[j]) / (single.high[j] - single.low[j]);
      scaled[i] = target.low[j] + share * (target.high[j] - target.low[j]);
    }
    return scaled;
  }
}

function requireBounded(what: string, { low, high }: Box): void {
  low.forEach((least, j) => {
    if (!Number.isFinite(least) || !Number.isFinite(high[j]) || least >= high[j])
      throw new Error(
        `rescaleAction: ${what} must have finite low < high, got ${least} and ${high[j]} at ${j}`,
      );
  });
}
