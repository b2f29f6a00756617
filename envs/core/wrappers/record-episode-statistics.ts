import { refuseOthers } from "../arguments.js";
import type { Env, Info } from "../env.js";
import type {
  StepBuffers,
  VectorEnv,
  VectorInfos,
  VectorResetOptions,
  VectorResetResult,
} from "../vector-env.js";
import { wrapAny } from "./single.js";
import { copyStep, VectorWrapper } from "./vector-wrapper.js";

export interface EpisodeStatistics {
  /** Sum of the rewards, not discounted. */
  readonly episodeReturn: number;
  /** Steps. */
  readonly episodeLength: number;
  /** Time from beginning to end by the clock that was given; 0 without one. */
  readonly episodeTime: number;
}

export interface RecordEpisodeStatisticsOptions {
  /** Called when an episode of environment n ends. */
  readonly onEpisode?: ((statistics: EpisodeStatistics, n: number) => void) | undefined;
  /** A clock, for `episodeTime`. Default: none. */
  readonly now?: (() => number) | undefined;
}

/**
 * Tells the return and the length of each episode when it ends: in the info of its last step as `episodeReturn`,
 * `episodeLength` and `episodeTime`; in a batch with `_episode`, 1 where they are present, and 0 in the other rows. In
 * mode "same-step" that info is `finalInfo`; the infos of the step tell them too.
 */
export function recordEpisodeStatistics<E extends Env | VectorEnv>(
  env: E,
  options: RecordEpisodeStatisticsOptions = {},
): E {
  return wrapAny(env, (batch) => new RecordEpisodeStatistics(batch, options));
}

class RecordEpisodeStatistics extends VectorWrapper {
  private readonly options: RecordEpisodeStatisticsOptions;
  private readonly returns: Float64Array;
  private readonly lengths: Int32Array;
  private readonly starts: Float64Array;
  private readonly ended: Uint8Array;

  constructor(env: VectorEnv, { onEpisode, now, ...others }: RecordEpisodeStatisticsOptions) {
    super(env);
    refuseOthers("recordEpisodeStatistics", others, "onEpisode, now");
    this.options = { onEpisode, now };
    this.returns = new Float64Array(env.numEnvs);
    this.lengths = new Int32Array(env.numEnvs);
    this.starts = new Float64Array(env.numEnvs);
    this.ended = new Uint8Array(env.numEnvs);
  }

  override reset(options: VectorResetOptions = {}): VectorResetResult {
    const mask = options.options?.resetMask;
    const result = super.reset(options);
    for (let n = 0; n < this.numEnvs; n++) if (!mask || mask[n]) this.begin(n);
    return result;
  }

  protected override convert(inner: StepBuffers, outer: StepBuffers): void {
    const { ended, returns, lengths } = this;
    const resets = this.metadata.autoresetMode === "next-step";
    copyStep(inner, outer);
    for (let n = 0; n < this.numEnvs; n++) {
      const wasOver = ended[n] === 1;
      if (wasOver) this.begin(n);
      if (!wasOver || !resets) {
        returns[n] += inner.rewards[n];
        lengths[n]++;
      }
      ended[n] = inner.terminated[n] | inner.truncated[n];
      if (ended[n] === 1) this.options.onEpisode?.(this.statistics(n), n);
    }
  }

  override info(n: number): Info {
    return this.ended[n] === 1 ? { ...super.info(n), ...this.statistics(n) } : super.info(n);
  }

  protected override addInfos(infos: VectorInfos): VectorInfos {
    const { ended, numEnvs } = this;
    if (!ended.includes(1)) return infos;
    const rows = Array.from({ length: numEnvs }, (_, n) => (ended[n] === 1 ? this.statistics(n) : null));
    const column = (key: keyof EpisodeStatistics) => Float64Array.from(rows, (row) => row?.[key] ?? 0);
    const columns = () => ({
      episodeReturn: column("episodeReturn"),
      episodeLength: column("episodeLength"),
      episodeTime: column("episodeTime"),
      _episode: ended.slice(),
    });
    const { finalInfo } = infos;
    const last = finalInfo && { finalInfo: { ...finalInfo, ...columns() } };
    return { ...infos, ...last, ...columns() } as object as VectorInfos;
  }

  private statistics(n: number): EpisodeStatistics & Info {
    const { now } = this.options;
    return {
      episodeReturn: this.returns[n],
      episodeLength: this.lengths[n],
      episodeTime: now ? now() - this.starts[n] : 0,
    };
  }

  private begin(n: number): void {
    this.returns[n] = 0;
    this.lengths[n] = 0;
    this.ended[n] = 0;
    this.starts[n] = this.options.now?.() ?? 0;
  }
}
