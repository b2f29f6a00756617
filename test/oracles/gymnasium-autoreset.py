"""Prints vectors/gymnasium-autoreset.json: what SyncVectorEnv of Gymnasium 1.3.0 does in its three modes."""

import json

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv

box = lambda size: gymnasium.spaces.Box(-np.inf, np.inf, (size,), np.float64)


class Counting(gymnasium.Env):
    """Observes (episode, step), is rewarded with its action, and terminates at step `length`."""

    observation_space, action_space = box(2), box(1)

    def __init__(self, length):
        self.length, self.episode, self.steps = length, -1, 0

    def reset(self, *, seed=None, options=None):
        self.episode = 0 if seed is not None else self.episode + 1
        self.steps = 0
        return self.observe(), {"steps": self.steps}

    def step(self, action):
        self.steps += 1
        return self.observe(), float(action[0]), self.steps >= self.length, False, {"steps": self.steps}

    def observe(self):
        return np.array([self.episode, self.steps], float)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray):
        return [plain(entry) for entry in value]
    return value.item() if isinstance(value, np.generic) else value


def run(mode):
    limited = lambda length: lambda: gymnasium.wrappers.TimeLimit(Counting(length), 3)
    envs = SyncVectorEnv([limited(2), limited(9), limited(3)], autoreset_mode=mode)
    observations, infos = envs.reset(seed=0)
    calls = [{"call": "reset", "observations": plain(observations), "infos": plain(infos)}]
    ended = np.zeros(3, bool)
    for t in range(1, 9):
        if mode == AutoresetMode.DISABLED and ended.any():
            observations, infos = envs.reset(options={"reset_mask": ended.copy()})
            mask = plain(ended)
            calls.append({"call": "reset", "mask": mask, "observations": plain(observations), "infos": plain(infos)})
        actions = np.array([[10.0 * t + i] for i in range(3)])
        names = ["observations", "rewards", "terminated", "truncated", "infos"]
        result = dict(zip(names, map(plain, envs.step(actions))))
        ended = np.logical_or(result["terminated"], result["truncated"])
        calls.append({"call": "step", "actions": plain(actions), **result})
    return calls


modes = {"next-step": AutoresetMode.NEXT_STEP, "same-step": AutoresetMode.SAME_STEP, "disabled": AutoresetMode.DISABLED}
print(json.dumps({"version": gymnasium.__version__, **{name: run(mode) for name, mode in modes.items()}}))
