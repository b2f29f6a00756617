import type { Env } from "../env.js";
import { actionsAt, type EnvFactory, type EnvFactoryOptions } from "./play.js";
import { type Rule, requireSame } from "./report.js";

/** Makes one environment of the kind. */
export type SingleFactory = (options: Pick<EnvFactoryOptions, "seed" | "maxEpisodeSteps">) => Env;

const common = { seed: 5, maxEpisodeSteps: 4 } as const;

export function singleRule(makeSingle: SingleFactory): Rule<EnvFactory> {
  return {
    rule: "a single environment is a batch of one",
    hold(make) {
      const batch = make({ ...common, numEnvs: 1, autoresetMode: "disabled" });
      const single = makeSingle(common);
      const fix = "make both from one simulator";
      requireSame("the observation of reset", single.reset().observation, batch.reset().observations, fix);
      for (let t = 0; t < 4; t++) {
        const { observation, reward, terminated, truncated, info } = single.step(actionsAt(batch, t));
        const { observations, rewards, ...flags } = batch.step(actionsAt(batch, t));
        requireSame("the observation", observation, observations, fix);
        requireSame("the reward", reward, rewards[0], fix);
        requireSame("terminated", terminated, flags.terminated[0] === 1, fix);
        requireSame("truncated", truncated, flags.truncated[0] === 1, fix);
        requireSame("the info", info, batch.info(0), fix);
      }
    },
  };
}
