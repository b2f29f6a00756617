import type { Env } from "../env.js";
import { Box, batchSpace } from "../spaces.js";
import type { VectorEnv } from "../vector-env.js";
import { wrapAny } from "./single.js";
import { VectorWrapper } from "./vector-wrapper.js";

/** Takes any action and clips it to the bounds of the action space. */
export function clipAction<E extends Env | VectorEnv>(env: E): E {
  return wrapAny(env, (batch) => new ClipAction(batch));
}

class ClipAction extends VectorWrapper {
  private readonly single: Box;
  private readonly all: Box;
  private readonly clipped: Float64Array;

  constructor(env: VectorEnv) {
    super(env);
    this.single = new Box({ shape: env.singleActionSpace.shape });
    this.all = batchSpace(this.single, env.numEnvs);
    this.clipped = new Float64Array(this.all.size);
  }

  override get singleActionSpace(): Box {
    return this.single;
  }
  override get actionSpace(): Box {
    return this.all;
  }

  protected override actions(given: Float64Array): Float64Array {
    const { clipped } = this;
    const { low, high } = this.env.actionSpace;
    for (let i = 0; i < clipped.length; i++) clipped[i] = Math.min(Math.max(given[i], low[i]), high[i]);
    return clipped;
  }
}
