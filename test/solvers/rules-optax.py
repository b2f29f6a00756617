"""Writes rules-optax.json: what optax 0.2.8 does with a stream of gradients, in float64."""

import json
import pathlib

import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import numpy as np
import optax
from optax import contrib

STEPS, RATE = 40, 0.125
random = np.random.default_rng(3)
gradients = np.round(random.normal(size=(STEPS, 6)) * 64) / 64
start = np.array([1.0, -0.5, 0.25, 0.75, -1.25, 2.0])

RULES = {
    "sgd": optax.sgd(RATE),
    "momentum": optax.sgd(RATE, momentum=0.75),
    "nesterov": optax.sgd(RATE, momentum=0.75, nesterov=True),
    "adagrad": optax.adagrad(RATE),
    "rmsprop": optax.rmsprop(RATE, decay=0.9, eps=1e-3, eps_in_sqrt=False),
    "rmspropInRoot": optax.rmsprop(RATE, decay=0.9, eps=1e-3),
    "adam": optax.adam(RATE, b1=0.8, b2=0.95, eps=1e-3),
    "adamw": optax.adamw(RATE, b1=0.8, b2=0.95, eps=1e-3, weight_decay=0.05),
    "sign": optax.sign_sgd(RATE),
    "lion": optax.lion(RATE, b1=0.7, b2=0.9, weight_decay=0.05),
    "muon": optax.chain(contrib.scale_by_muon(beta=0.75, nesterov=False), optax.scale(-RATE)),
    "muonTall": optax.chain(contrib.scale_by_muon(beta=0.75, nesterov=False), optax.scale(-RATE)),
}
SHAPES = {"muon": (2, 3), "muonTall": (3, 2)}


def path(rule, shape):
    parameters = jnp.asarray(start).reshape(shape)
    state = rule.init(parameters)
    rows = []
    for gradient in gradients:
        updates, state = rule.update(jnp.asarray(gradient).reshape(shape), state, parameters)
        parameters = optax.apply_updates(parameters, updates)
        rows.append([float(value) for value in parameters.ravel()])
    return rows


paths = {name: path(rule, SHAPES.get(name, (6,))) for name, rule in RULES.items()}
target = pathlib.Path(__file__).with_suffix(".json")
record = {"learningRate": RATE, "start": start.tolist(), "gradients": gradients.tolist()}
target.write_text(json.dumps({**record, "last": {name: rows[-1] for name, rows in paths.items()}}) + "\n")
