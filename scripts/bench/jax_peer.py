"""JAX as a peer of the benchmarks: answers one line for each line it is asked, and ends with its input.

    step reset noisy dimension count iterations   -> nanoseconds iterations, one call of a jitted function a step
    scan reset noisy dimension count iterations   -> nanoseconds iterations, whole stretches of steps a call
    trace dimension count steps                   -> cost, seen gradient and parameters of each of 8 environments
    moments dimension count steps                 -> mean and variance of the noise, in units of its standard deviation
    policy name lanes iterations                  -> nanoseconds iterations
    pes iterations                                -> nanoseconds iterations
    bptt name iterations                          -> nanoseconds iterations
    cost name                                     -> mean cost of an episode under the first weights

Everything is float32, jitted and vectorised over environments. A `step` is called from outside, as an environment
whose actions come from elsewhere has to be; in a `scan`, in training and in policies the steps run inside one
lax.scan, so that none pays for a dispatch. The number of iterations is rounded up to whole scans. Steps and policies are measured in
processor time, training on the wall. See scripts/bench/inputs.ts for what a step is. The argument is the number of
cores to use.
"""

import functools
import os
import signal
import sys
import time

signal.signal(signal.SIGINT, signal.SIG_IGN)
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, set(list(os.sched_getaffinity(0))[: int(sys.argv[1])]))

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

from jax_training import TRAINING  # noqa: E402

TIME_STEP, NOISE, EPISODE_STEPS, ACTION_SCALE = 0.1, 0.5, 200, 0.2
SALTS = {"minima": 13, "actions": 29, "weights": 41, "features": 57}


def input_values(count, purpose):
    index = np.arange(count, dtype=np.int64)
    return (((index * 7919 + SALTS[purpose]) % 1000) / 500 - 1).astype(np.float32)


class Steps:
    """A batch of environments: a function of one environment, under vmap, under scan, under jit."""

    def __init__(self, resets, noisy, dimension, count, length):
        curvature = jnp.asarray(0.5 + (np.arange(dimension) % 8) / 8, jnp.float32)
        minima = jnp.asarray(input_values(count * dimension, "minima").reshape(count, dimension))
        actions = jnp.asarray(ACTION_SCALE * input_values(count * dimension, "actions").reshape(count, dimension))

        def observe(key, theta, minimum):
            slope = curvature * (theta - minimum)
            if noisy:
                slope = slope + NOISE * jax.random.normal(key, slope.shape)
            return slope, theta

        def step(state, minimum, action):
            theta, elapsed, key = state
            if noisy:
                key, noise_key = jax.random.split(key)
            else:
                noise_key = key
            theta = theta + TIME_STEP * action
            loss = 0.5 * jnp.sum(curvature * (theta - minimum) ** 2)
            cost = TIME_STEP * (0.5 * jnp.sum(action**2) + loss)
            elapsed = elapsed + 1
            if resets:
                over = elapsed >= EPISODE_STEPS
                theta = jnp.where(over, jnp.zeros_like(theta), theta)
                elapsed = jnp.where(over, 0, elapsed)
            return (theta, elapsed, key), (cost, observe(noise_key, theta, minimum))

        def body(carry, _):
            state, _ = carry
            return jax.vmap(step)(state, minima, actions), None

        self.length = length
        self.curvature, self.minima = curvature, minima
        many = lambda carry: jax.lax.scan(body, carry, None, length)[0]  # noqa: E731
        self.scan = jax.jit(many if length > 1 else lambda carry: body(carry, None)[0], donate_argnums=0)
        # Memory is given back to each call, so no two arrays may share theirs.
        zeros = lambda *shape: jnp.zeros(shape, jnp.float32)  # noqa: E731
        keys = jax.random.split(jax.random.key(1), count)
        state = (zeros(count, dimension), jnp.zeros(count, jnp.int32), keys)
        self.carry = (state, (zeros(count), (zeros(count, dimension), zeros(count, dimension))))

    def run(self, iterations):
        scans = -(-iterations // self.length)
        begun = time.process_time_ns()
        for _ in range(scans):
            self.carry = self.scan(self.carry)
        jax.block_until_ready(self.carry)
        return time.process_time_ns() - begun, scans * self.length


@functools.lru_cache(maxsize=6)
def steps_of(resets, noisy, dimension, count, length):
    return Steps(resets, noisy, dimension, count, length)


def scan_length(dimension, count):
    return max(10, min(200, 2_000_000 // (count * dimension)))


def trace(dimension, count, steps):
    batch = Steps(True, False, dimension, count, steps)
    batch.run(steps)
    _, (costs, (gradients, parameters)) = jax.device_get(batch.carry)
    shown = [*range(4), *range(count - 4, count)]
    return np.concatenate([[costs[n], *gradients[n], *parameters[n]] for n in shown])


def moments(dimension, count, steps):
    batch = Steps(True, True, dimension, count, 1)
    noises = []
    for _ in range(steps):
        batch.run(1)
        (theta, _, _), (_, (gradients, _)) = batch.carry
        noises.append(np.asarray(gradients - batch.curvature * (theta - batch.minima), np.float64) / NOISE)
    return np.mean(noises), np.var(noises)


def dense_layers(shapes, weights):
    layers, at = [], 0
    for outputs, inputs in shapes:
        size = outputs * inputs
        layers.append((weights[at : at + size].reshape(outputs, inputs), weights[at + size : at + size + outputs]))
        at += size + outputs
    return layers


class Network:
    """The bare network of a policy row, lanes along the last axis."""

    def __init__(self, name, lanes, length=10):
        kind, *hidden = name.split("-")
        hidden = [int(units) for units in hidden]
        weights = jnp.asarray(0.3 * input_values(4096, "weights"))
        x = jnp.asarray(input_values(8 * lanes, "features").reshape(8, lanes))
        step = self.gru(hidden[0], weights, x) if kind == "gru" else self.mlp(hidden, weights, x)
        self.length = length
        # The input depends on the last output, or XLA would hoist the network out of the loop.
        self.scan = jax.jit(lambda carry: jax.lax.scan(lambda c, _: (step(*c), None), carry, None, length)[0])
        self.carry = (jnp.zeros((hidden[0], lanes), jnp.float32), jnp.zeros((2, lanes), jnp.float32))

    def mlp(self, hidden, weights, x):
        widths = [8, *hidden]
        shapes = [*zip(hidden, widths), (2, hidden[-1] + 8)]
        *layers, (w, b) = dense_layers(shapes, weights)

        def step(memory, last):
            seen = x + 1e-30 * last[0]
            h = seen
            for w_l, b_l in layers:
                h = jnp.tanh(w_l @ h + b_l[:, None])
            return memory, w @ jnp.concatenate([h, seen]) + b[:, None]

        return step

    def gru(self, units, weights, x):
        parts = np.cumsum([units * 8, 2 * units * 8, 3 * units * units, units, 3 * units, 2 * (units + 8)])
        w_n, w_rz, u, b_n, b_u, w, b = jnp.split(weights[: parts[-1] + 2], parts)
        w_n, w_rz, u = w_n.reshape(units, 8), w_rz.reshape(2 * units, 8), u.reshape(3 * units, units)
        w = w.reshape(2, units + 8)

        def step(h, _):
            recurrent = u @ h + b_u[:, None]
            gates = jax.nn.sigmoid(recurrent[: 2 * units] + w_rz @ x)
            n = jnp.tanh(w_n @ x + b_n[:, None] + gates[:units] * recurrent[2 * units :])
            z = gates[units:]
            h = (1 - z) * n + z * h
            return h, w @ jnp.concatenate([h, x]) + b[:, None]

        return step

    run = Steps.run


network_of = functools.lru_cache(maxsize=2)(Network)
training_of = functools.lru_cache(maxsize=2)(lambda kind, name: TRAINING[kind](name))


def answer(command, *words):
    if command in ("step", "scan"):
        resets, noisy, dimension, count, iterations = map(int, words)
        length = 1 if command == "step" else scan_length(dimension, count)
        return steps_of(bool(resets), bool(noisy), dimension, count, length).run(iterations)
    if command == "trace":
        return trace(*map(int, words))
    if command == "moments":
        return moments(*map(int, words))
    if command == "policy":
        return network_of(words[0], int(words[1])).run(int(words[2]))
    if command == "outputs":
        network = Network(words[0], int(words[1]), int(words[2]))
        network.run(1)
        return np.asarray(network.carry[1])[:, :8].T.ravel()
    if command == "pes":
        return training_of("pes", "mlp-32-32").run(int(words[0]))
    if command == "bptt":
        return training_of("bptt", words[0]).run(int(words[1]))
    if command == "cost":
        return [training_of("bptt", words[0]).first_cost()]
    raise SystemExit(2)


for line in sys.stdin:
    print(*(f"{number:.9g}" if isinstance(number, (float, np.floating)) else number for number in answer(*line.split())))
    sys.stdout.flush()
