import { episodeRules } from "./checks/episode-rules.js";
import type { EnvFactory } from "./checks/play.js";
import { type CheckReport, checkRules } from "./checks/report.js";
import { type SingleFactory, singleRule } from "./checks/single-rule.js";
import { spaceRules } from "./checks/space-rules.js";
import { streamRules } from "./checks/stream-rules.js";
import { SingleEnv } from "./single-env.js";

/**
 * Whether a kind of environment keeps the contract of `Env` and `VectorEnv`: spaces, element types, seeding,
 * aliasing, autoreset modes, ends of episodes. It makes and plays a few small batches.
 *
 * @param makeSingle makes single environments of the kind; default: batches of one, as single environments
 */
export function checkEnv(
  make: EnvFactory,
  makeSingle: SingleFactory = (options) =>
    new SingleEnv(make({ ...options, numEnvs: 1, autoresetMode: "disabled" })),
): CheckReport {
  return checkRules([...spaceRules, ...streamRules, singleRule(makeSingle), ...episodeRules], make);
}
