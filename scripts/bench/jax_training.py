"""The training rows of the JAX peer: the policies of agents/policies, the problem of scripts/bench/training-rows.ts."""

import time

import jax
import jax.flatten_util
import jax.numpy as jnp

TIME_STEP, DISCOUNT = 0.1, jnp.exp(-0.01 * 0.1)
TASKS, STEPS = 512, 60
DECAYS = jnp.array([0.0, 0.5, 0.9, 0.99])[:, None]
SQUARE_DECAYS = jnp.array([0.5, 0.9, 0.98])[:, None]
CLOCKS = jnp.array([10.0, 100.0])[:, None]
# The optimal gain at the steepest curvature of the prior, h = 100: what the policies start from.
GAIN = 0.0631937


def clocks(t, lanes):
    return jnp.broadcast_to(t / (t + CLOCKS), (2, lanes))


class EmaBank:
    """Averages of the gradient and of its square, an MLP 32-32, and a softmax mix of the averages."""

    def init(self, key):
        shapes = [(32, 9), (32, 32), (5, 41)]
        keys = jax.random.split(key, 3)
        gains = [1.0, 1.0, 0.01]
        draw = lambda key, shape, gain: gain * jax.random.normal(key, shape) / jnp.sqrt(float(shape[1]))
        weights = [(draw(k, s, g), jnp.zeros((s[0], 1))) for k, s, g in zip(keys, shapes, gains)]
        w, b = weights[2]
        weights[2] = (w.at[:, 32:].set(0.0), b)
        return weights

    def memory(self, lanes):
        return jnp.zeros((4, lanes)), jnp.zeros((3, lanes))

    def act(self, weights, memory, t, y):
        means, squares = memory
        fresh = lambda beta: (1 - beta) / (1 - beta ** (t + 1))
        means = means + fresh(DECAYS) * (y - means)
        squares = squares + fresh(SQUARE_DECAYS) * (y * y - squares)
        x = jnp.concatenate(
            [0.25 * jnp.log(squares + 1e-8), means / jnp.sqrt(squares[-1:] + 1e-8), clocks(t, y.shape[0])]
        )
        (w1, b1), (w2, b2), (w3, b3) = weights
        h = jnp.tanh(w2 @ jnp.tanh(w1 @ x + b1) + b2)
        o = w3 @ jnp.concatenate([h, x]) + b3
        mix = jnp.sum(jax.nn.softmax(o[1:], axis=0) * means, axis=0)
        return (means, squares), -GAIN * mix * jnp.exp(4 * o[0])


class ScaleFreeGru:
    """A gated recurrent unit of 16, fed with the logarithm, asinh and sign of the gradient, and clocks."""

    def init(self, key):
        a, b, c, d = jax.random.split(key, 4)
        skip = jnp.zeros((2, 5)).at[0, 0].set(1.0).at[1, 2].set(1.0)
        return {
            "w": jax.random.normal(a, (48, 5)) / jnp.sqrt(5.0),
            "u": jax.random.normal(b, (48, 16)) / 4.0,
            "b": jnp.zeros((48, 1)).at[16:32].set(1.0),
            "b_n": jnp.zeros((16, 1)),
            "out": jnp.concatenate([0.01 * jax.random.normal(c, (2, 16)) / 4.0, skip], axis=1),
            "b_out": jnp.zeros((2, 1)),
        }

    def memory(self, lanes):
        return jnp.zeros((16, lanes))

    def act(self, weights, h, t, y):
        size = jnp.abs(y)
        x = jnp.stack([0.25 * jnp.log(size + 1e-4), jnp.arcsinh(y), jnp.sign(y)])
        x = jnp.concatenate([x, clocks(t, y.shape[0])])
        w = weights["w"] @ x
        u = weights["u"] @ h + weights["b"]
        r, z = jax.nn.sigmoid(w[:16] + u[:16]), jax.nn.sigmoid(w[16:32] + u[16:32])
        n = jnp.tanh(w[32:] + weights["b_n"] + r * u[32:])
        h = (1 - z) * n + z * h
        o = weights["out"] @ jnp.concatenate([h, x]) + weights["b_out"]
        return h, -GAIN * o[1] * jnp.exp(4 * o[0])


POLICIES = {"mlp-32-32": EmaBank, "gru-16": ScaleFreeGru}


def draw_tasks(key, shape):
    """h log-uniform over four decades and μ ~ N(0, 1), both hidden."""
    a, b = jax.random.split(key)
    curvature = jnp.exp(jax.random.uniform(a, shape, minval=jnp.log(0.01), maxval=jnp.log(100.0)))
    return curvature, jax.random.normal(b, shape)


def step(policy, weights, tasks, state, t, noise):
    """Sees h(θ − μ) + √h·N(0, 1), acts, moves, pays."""
    curvature, minima = tasks
    theta, memory = state
    y = curvature * (theta - minima) + jnp.sqrt(curvature) * noise
    memory, u = policy.act(weights, memory, t, y)
    theta = theta + TIME_STEP * u
    return (theta, memory), TIME_STEP * (0.5 * u * u + 0.5 * curvature * (theta - minima) ** 2)


def adam(weights, gradient, moments, count):
    first, second = moments
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
    rate = 0.01 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
    weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-8), weights, first, second)
    return weights, (first, second)


class Training:
    """An iteration is one call of a jitted function; what it needs from the last one is carried on the device."""

    def run(self, iterations):
        begun = time.perf_counter_ns()
        for _ in range(iterations):
            self.carry = self.iterate(self.carry)
        jax.block_until_ready(self.carry)
        return time.perf_counter_ns() - begun, iterations


class Bptt(Training):
    """The gradient of the mean cost of 512 fresh episodes of 60 steps, its norm clipped at 1, and a step of Adam."""

    def __init__(self, name):
        policy = POLICIES[name]()
        weights = policy.init(jax.random.key(1))

        def mean_cost(weights, key):
            task_key, noise_key = jax.random.split(key)
            tasks = draw_tasks(task_key, (TASKS,))
            noises = jax.random.normal(noise_key, (STEPS, TASKS))

            def body(state, xs):
                t, noise = xs
                state, costs = step(policy, weights, tasks, state, t, noise)
                return state, DISCOUNT**t * jnp.mean(costs)

            begin = (jnp.zeros(TASKS), policy.memory(TASKS))
            times = jnp.arange(STEPS, dtype=jnp.float32)
            return jnp.sum(jax.lax.scan(body, begin, (times, noises))[1])

        @jax.jit
        def iterate(carry):
            weights, moments, key, count, _ = carry
            key, episode_key = jax.random.split(key)
            cost, gradient = jax.value_and_grad(mean_cost)(weights, episode_key)
            norm = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(gradient)))
            gradient = jax.tree.map(lambda g: g * jnp.minimum(1.0, 1.0 / norm), gradient)
            weights, moments = adam(weights, gradient, moments, count)
            return weights, moments, key, count + 1, cost

        zeros = jax.tree.map(jnp.zeros_like, weights)
        self.iterate = iterate
        self.carry = (weights, (zeros, zeros), jax.random.key(2), jnp.float32(1), jnp.float32(0))
        self.first_cost = lambda: jnp.mean(jax.vmap(mean_cost, (None, 0))(weights, jax.random.split(jax.random.key(3), 64)))


PAIRS, ENVIRONMENTS, SEGMENT, SIGMA = 32, 64, 10, 0.02


class Pes(Training):
    """Persistent evolution strategies (Vicol, Metz, Sohl-Dickstein, 2021): antithetic pairs of particles that keep
    their state and the sum of their perturbations from one segment of 10 steps to the next; all episodes end after 60.
    """

    def __init__(self, name):
        policy = POLICIES[name]()
        centre, shaped = jax.flatten_util.ravel_pytree(policy.init(jax.random.key(1)))

        def unroll(parameters, tasks, state, first, noises):
            weights = shaped(parameters)

            def body(state, xs):
                t, noise = xs
                state, costs = step(policy, weights, tasks, state, t, noise)
                return state, jnp.mean(costs)

            times = first + jnp.arange(SEGMENT, dtype=jnp.float32)
            state, costs = jax.lax.scan(body, state, (times, noises))
            return state, jnp.sum(costs)

        def both(x):
            return jax.tree.map(lambda part: jnp.concatenate([part, part]), x)

        zero_state = (jnp.zeros(ENVIRONMENTS), policy.memory(ENVIRONMENTS))
        fresh = jax.tree.map(lambda x: jnp.broadcast_to(x, (2 * PAIRS, *x.shape)), zero_state)

        @jax.jit
        def iterate(carry):
            centre, moments, key, count, sums, tasks, state, first = carry
            key, epsilon_key, noise_key, task_key = jax.random.split(key, 4)
            epsilons = SIGMA * jax.random.normal(epsilon_key, (PAIRS, centre.size))
            sums = sums + epsilons
            perturbed = centre + jnp.concatenate([epsilons, -epsilons])
            # Both of a pair see the same tasks and the same noise.
            noises = both(jax.random.normal(noise_key, (PAIRS, SEGMENT, ENVIRONMENTS)))
            state, costs = jax.vmap(unroll, (0, 0, 0, None, 0))(perturbed, tasks, state, first, noises)
            gradient = (costs[:PAIRS] - costs[PAIRS:]) @ sums / (2 * PAIRS * SIGMA**2)
            centre, moments = adam(centre, gradient, moments, count)
            over = first + SEGMENT >= STEPS
            fresh_tasks = both(draw_tasks(task_key, (PAIRS, ENVIRONMENTS)))
            choose = lambda new, old: jax.tree.map(lambda a, b: jnp.where(over, a, b), new, old)
            state, tasks = choose(fresh, state), choose(fresh_tasks, tasks)
            sums, first = jnp.where(over, 0.0, sums), jnp.where(over, 0.0, first + SEGMENT)
            return centre, moments, key, count + 1, sums, tasks, state, first

        zeros = jnp.zeros_like(centre)
        sums = jnp.zeros((PAIRS, centre.size))
        tasks = both(draw_tasks(jax.random.key(2), (PAIRS, ENVIRONMENTS)))
        self.iterate = iterate
        key, count = jax.random.key(3), jnp.float32(1)
        self.carry = (centre, (zeros, zeros), key, count, sums, tasks, fresh, jnp.float32(0))


TRAINING = {"bptt": Bptt, "pes": Pes}
