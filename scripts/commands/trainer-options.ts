import { Option } from "commander";
import { BadInput } from "../bad-input.js";
import { flagOf, oneOf, wholeNumber } from "./options.js";

export const agents = ["bptt", "es", "pes", "cma-es", "ppo"] as const;
export type Agent = (typeof agents)[number];

const descents = ["learningRate", "warmUp", "clipNorm"] as const;
const searches = ["sigma", "members", "tasks", "steps", "terminal"] as const;

const judged = ["decisions", "relative", "slowest"] as const;

/** What each trainer can be told. */
const takes: Readonly<Record<Agent, readonly string[]>> = {
  bptt: [...descents, "tasks", "steps", "terminal", "chunk", ...judged],
  es: [...descents, ...searches, "shaping", ...judged],
  pes: [...descents, ...searches, "unroll", "decisions"],
  "cma-es": searches,
  ppo: [
    ...["learningRate", "clipNorm", "steps", "environments", "episodeSteps", "epochs", "minibatches"],
    ...[
      "clip",
      "largestDivergence",
      "entropyBonus",
      "deviation",
      "exploration",
      "smallestAction",
      "renewEvery",
    ],
    ...["critic", "lambda", "relative"],
  ],
};
const known = [...new Set(Object.values(takes).flat())];
export function trainerOptions(): Option[] {
  const option = (flags: string, description: string, parse: (flag: string) => (text: string) => unknown) =>
    new Option(flags, description).argParser(parse(flags.split(" ")[0]));
  return [
    option("--learning-rate <x>", "before the schedule", positive),
    option("--warm-up <n>", "iterations until the learning rate is reached", wholeNumber),
    option("--clip-norm <x>", "largest norm of a gradient", positive),
    option("--sigma <x>", "standard deviation of the perturbations of the weights", positive),
    option("--members <n>", "members of a generation", wholeNumber),
    option("--tasks <n>", "episodes of an iteration, or of each member", wholeNumber),
    option("--chunk <n>", "episodes of one job of bptt", wholeNumber),
    option("--steps <n>", "steps of each episode; of ppo, between two updates", wholeNumber),
    option("--environments <n>", "environments of ppo, side by side", wholeNumber),
    option("--episode-steps <n>", "steps after which ppo cuts an episode short", wholeNumber),
    option("--epochs <n>", "times that an iteration of ppo goes over its decisions", wholeNumber),
    option("--minibatches <n>", "minibatches of each time; they divide the environments", wholeNumber),
    option("--clip <x>", "by how much ppo may change the probability of a decision at once", positive),
    option("--largest-divergence <x>", "divergence at which an iteration of ppo ends", positive),
    option("--entropy-bonus <x>", "what exploration is worth to ppo", atLeastZero),
    option("--deviation <x>", "standard deviation of the actions of ppo at the start, and at most", positive),
    option("--exploration <how>", "what that is in units of: fixed, or relative to each action", (flag) =>
      oneOf(flag, ["fixed", "relative"]),
    ),
    option(
      "--smallest-action <x>",
      "of relative exploration: actions below it are explored like it",
      positive,
    ),
    option("--renew-every <n>", "iterations of ppo after which all episodes begin anew", wholeNumber),
    option(
      "--critic <which>",
      "what decisions of ppo are measured against: learned, informed or counterfactual",
      (flag) => oneOf(flag, ["learned", "informed", "counterfactual"]),
    ),
    option("--lambda <x>", "how far ahead the advantages of ppo look past its critic, 0 to 1", share),
    option("--unroll <n>", "steps between two updates of pes", wholeNumber),
    option("--terminal <what>", "charged after the last step: informed-value or none", (flag) =>
      oneOf(flag, ["informed-value", "none"]),
    ),
    option("--shaping <how>", "what stands for the costs of es: ranks or none", (flag) =>
      oneOf(flag, ["ranks", "none"]),
    ),
    option(
      "--decisions <how>",
      "how decisions count: discounted, equal (bptt, pes), or informed (bptt, es): by what they leave to one who is told everything",
      (flag) => oneOf(flag, ["discounted", "equal", "informed"]),
    ),
    option(
      "--relative <x>",
      "of informed decisions, or ppo's relative exploration: size below which decisions count by their relative error, 0 for none",
      atLeastZero,
    ),
    option("--slowest <x>", "of informed decisions: slowest pace of every other episode, at most 1", pace),
  ];
}

/** Those of the given values that are for the trainer. @throws BadInput when the agent does not know one of them */
export function givenOptions(
  agent: Agent,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const given = known.filter((name) => values[name] !== undefined);
  const foreign = given.find((name) => !takes[agent].includes(name));
  if (foreign !== undefined)
    throw new BadInput(
      `${flagOf(foreign)}: is not an option of ${agent}, which takes ${takes[agent].map(flagOf).join(", ")}`,
    );
  return Object.fromEntries(given.map((name) => [name, values[name]]));
}

const share = numberThat("a number from 0 to 1", (value) => value >= 0 && value <= 1);
const pace = numberThat("a number > 0 and at most 1", (value) => value > 0 && value <= 1);
const atLeastZero = numberThat("a number >= 0", (value) => value >= 0);
const positive = numberThat("a number > 0", (value) => value > 0);

function numberThat(
  described: string,
  accepts: (value: number) => boolean,
): (option: string) => (text: string) => number {
  return (option) => (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value) && accepts(value)) return value;
    throw new BadInput(`${option}: must be ${described}, got ${JSON.stringify(text)}`);
  };
}
