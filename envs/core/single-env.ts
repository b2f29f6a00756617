import type {
  Env,
  EnvSpec,
  Info,
  Metadata,
  RenderMode,
  ResetOptions,
  ResetResult,
  StepResult,
} from "./env.js";
import type { Box } from "./spaces.js";
import type { VectorEnv } from "./vector-env.js";

/** A single environment is a vector environment of one, which its caller resets. */
export class SingleEnv<I extends Info> implements Env<I> {
  readonly observationSpace: Box;
  readonly actionSpace: Box;
  readonly spec: EnvSpec | null;
  readonly metadata: Metadata;
  readonly renderMode: RenderMode | null;
  private readonly batch: VectorEnv<I>;

  constructor(batch: VectorEnv<I>) {
    if (batch.numEnvs !== 1 || batch.metadata.autoresetMode !== "disabled")
      throw new Error(
        `SingleEnv: needs one environment and autoresetMode "disabled", got ${batch.numEnvs} and ${JSON.stringify(batch.metadata.autoresetMode)}`,
      );
    this.batch = batch;
    this.observationSpace = batch.singleObservationSpace;
    this.actionSpace = batch.singleActionSpace;
    this.spec = batch.spec;
    this.metadata = { renderModes: batch.metadata.renderModes };
    this.renderMode = batch.renderMode;
  }

  reset(options: ResetOptions = {}): ResetResult<I> {
    const { observations } = this.batch.reset(options);
    return { observation: observations, info: this.batch.info(0) };
  }

  step(action: ArrayLike<number>): StepResult<I> {
    const { observations, rewards, terminated, truncated } = this.batch.step(action);
    return {
      observation: observations,
      reward: rewards[0],
      terminated: terminated[0] === 1,
      truncated: truncated[0] === 1,
      info: this.batch.info(0),
    };
  }

  render(): string | null {
    return this.batch.render()?.[0] ?? null;
  }

  close(): void {
    this.batch.close();
  }
}
