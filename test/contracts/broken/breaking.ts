import { type EnvFactory, makeVec, type VectorEnv, type VectorStepResult } from "../../../envs/index.js";

/** A deliberate mistake, and how the checker has to complain of it. */
export interface Defect {
  readonly name: string;
  readonly rule: string;
  /** A part of the message. */
  readonly message: string;
  readonly make: EnvFactory;
}

/** An environment that keeps the contract, with noise and hidden tasks. */
export const sound: EnvFactory = (options) => makeVec("lossgym/HiddenTask-v0", options);

/** The environment with some of its parts replaced. */
export function replace(env: VectorEnv, parts: Partial<VectorEnv>): VectorEnv {
  return new Proxy(env, {
    get(target, key) {
      if (key in parts) return parts[key as keyof VectorEnv];
      const value = target[key as keyof VectorEnv];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Sound, but with other results of `step`; `t` counts the steps since the last reset. */
export function withStep(
  change: (result: VectorStepResult, env: VectorEnv, t: number) => Partial<VectorStepResult>,
  make: EnvFactory = sound,
): EnvFactory {
  return (options) => {
    const env = make(options);
    let t = 0;
    return replace(env, {
      reset(given) {
        t = 0;
        return env.reset(given);
      },
      step(actions) {
        const result = env.step(actions);
        t++;
        return { ...result, ...change(result, env, t) };
      },
    });
  };
}

/** Sound, but with some parts replaced. */
export function withParts(
  parts: (env: VectorEnv, ...rest: Parameters<EnvFactory>) => Partial<VectorEnv>,
): EnvFactory {
  return (options) => {
    const env = sound(options);
    return replace(env, parts(env, options));
  };
}
