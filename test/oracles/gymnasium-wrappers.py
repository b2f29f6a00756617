"""Prints vectors/gymnasium-wrappers.json: what the wrappers of Gymnasium 1.3.0 do, single and in a batch."""

import json

import gymnasium as gym
import numpy as np
from gymnasium import wrappers
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import vector

LENGTHS = [4, 9, 5]
STEPS = 14


class Counting(gym.Env):
    """Observes (episode, step²), is rewarded with its action, and terminates at step `length`."""

    observation_space = gym.spaces.Box(-np.inf, np.inf, (2, 1), np.float64)
    action_space = gym.spaces.Box(np.array([-2.0]), np.array([6.0]), dtype=np.float64)

    def __init__(self, length):
        self.length, self.episode, self.steps = length, -1, 0

    def reset(self, *, seed=None, options=None):
        self.episode = 0 if seed is not None else self.episode + 1
        self.steps = 0
        return self.observe(), {}

    def step(self, action):
        self.steps += 1
        return self.observe(), float(action[0]), self.steps >= self.length, False, {}

    def observe(self):
        return np.array([[self.episode], [self.steps**2]], float)


def action(t, n):
    return [round(3 * np.sin(t + 2 * n) + 0.5 * n, 6)]


def flat(value):
    return np.asarray(value, float).ravel().tolist()


def episode(info):
    if "episode" not in info:
        return None
    return {"r": flat(info["episode"]["r"]), "l": flat(info["episode"]["l"])}


def single(wrap):
    env = wrap(Counting(LENGTHS[1]))
    observation, _ = env.reset(seed=0)
    calls = [{"observation": flat(observation)}]
    for t in range(STEPS):
        observation, reward, terminated, truncated, info = env.step(np.array(action(t, 1)))
        calls.append(
            {
                "action": action(t, 1),
                "observation": flat(observation),
                "reward": float(reward),
                "terminated": bool(terminated),
                "truncated": bool(truncated),
                "episode": episode(info),
            }
        )
        if terminated or truncated:
            observation, _ = env.reset()
            calls.append({"observation": flat(observation)})
    return calls


def batch(wrap, limit):
    make = lambda length: lambda: wrappers.TimeLimit(Counting(length), limit)
    env = wrap(SyncVectorEnv([make(length) for length in LENGTHS], autoreset_mode=AutoresetMode.NEXT_STEP))
    observation, _ = env.reset(seed=0)
    calls = [{"observation": flat(observation)}]
    for t in range(STEPS):
        actions = [action(t, n) for n in range(3)]
        observation, reward, terminated, truncated, info = env.step(np.array(actions))
        calls.append(
            {
                "action": flat(actions),
                "observation": flat(observation),
                "reward": flat(reward),
                "terminated": flat(terminated),
                "truncated": flat(truncated),
                "episode": episode(info),
            }
        )
    return calls


low, high = np.array([-1.0]), np.array([1.0])
limited = lambda env: wrappers.TimeLimit(env, 6)
singles = {
    "timeLimit": limited,
    "recordEpisodeStatistics": lambda env: wrappers.RecordEpisodeStatistics(limited(env)),
    "normalizeObservation": lambda env: wrappers.NormalizeObservation(limited(env)),
    "normalizeReward": lambda env: wrappers.NormalizeReward(limited(env), gamma=0.9),
    "clipAction": wrappers.ClipAction,
    "rescaleAction": lambda env: wrappers.RescaleAction(env, low, high),
    "flattenObservation": wrappers.FlattenObservation,
    "frameStack": lambda env: wrappers.FrameStackObservation(limited(env), 3),
    "frameStackZero": lambda env: wrappers.FrameStackObservation(limited(env), 3, padding_type="zero"),
}
batches = {
    "timeLimit": lambda env: env,
    "recordEpisodeStatistics": vector.RecordEpisodeStatistics,
    "normalizeObservation": vector.NormalizeObservation,
    "normalizeReward": lambda env: vector.NormalizeReward(env, gamma=0.9),
    "clipAction": vector.ClipAction,
    "rescaleAction": lambda env: vector.RescaleAction(env, low, high),
    "flattenObservation": vector.FlattenObservation,
}
print(
    json.dumps(
        {
            "version": gym.__version__,
            "single": {name: single(wrap) for name, wrap in singles.items()},
            "batch": {name: batch(wrap, 6) for name, wrap in batches.items()},
        }
    )
)
