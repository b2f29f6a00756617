import { Box, type World } from "../../envs/index.js";

/** The environment of gymnasium-wrappers.py: observes (episode, step²), is rewarded with its action, ends at `length`. */
export class CountingWorld implements World<{ readonly steps: number }> {
  readonly observationSpace = new Box({ shape: [2, 1] });
  readonly actionSpace = new Box({ shape: [1], low: -2, high: 6 });
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  private readonly lengths: readonly number[];
  private readonly episodes: number[];
  private readonly steps: number[];

  constructor(lengths: readonly number[]) {
    this.lengths = lengths;
    this.rewards = new Float64Array(lengths.length);
    this.terminated = new Uint8Array(lengths.length);
    this.episodes = lengths.map(() => -1);
    this.steps = lengths.map(() => 0);
  }

  get numEnvs(): number {
    return this.lengths.length;
  }

  reset(seed?: number | string): void {
    if (seed !== undefined) this.episodes.fill(-1);
    for (let n = 0; n < this.numEnvs; n++) this.begin(n);
  }

  begin(n: number): void {
    this.episodes[n]++;
    this.steps[n] = 0;
  }

  advance(actions: Float64Array): void {
    this.rewards.set(actions);
    for (let n = 0; n < this.numEnvs; n++) this.terminated[n] = ++this.steps[n] >= this.lengths[n] ? 1 : 0;
  }

  observe(observations: Float64Array): void {
    for (let n = 0; n < this.numEnvs; n++) observations.set([this.episodes[n], this.steps[n] ** 2], 2 * n);
  }

  infos() {
    return { steps: Float64Array.from(this.steps) };
  }

  info(n: number) {
    return { steps: this.steps[n] };
  }

  describe(n: number): string {
    return `${this.episodes[n]}:${this.steps[n]}`;
  }
}
