"""ViT training step, forward pass and products in jitted JAX on the CPU.

Run by `pnpm bench`; by hand: python jax_peer.py THREADS, then lines of JSON (see protocol.py). Needs: pip install jax.
"""

import os
import sys

from protocol import CHECKED_STEPS, batch_of, decays, read_weights, require_vit_22b_block, serve, timed, use_threads

THREADS = int(sys.argv[1])
use_threads(THREADS)
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402


def rms_norm(x, scale, epsilon):
    return x * jax.lax.rsqrt(jnp.mean(jnp.square(x), -1, keepdims=True) + epsilon) * scale


def predict(weights, images, model):
    """Logits [batch, classes] of images [batch, side, side, channels]."""
    width, heads, side, epsilon = model["width"], model["heads"], model["patchSide"], model["normEpsilon"]
    batch, grid = images.shape[0], model["imageSide"] // side
    x = (images.astype(jnp.float32) / 255 - 0.5) / 0.5
    x = x.reshape(batch, grid, side, grid, -1).transpose(0, 1, 3, 2, 4).reshape(batch, grid * grid, -1)
    x = x @ weights["patch/kernel"] + weights["patch/bias"] + weights["positions"]
    for index in range(model["depth"]):
        of = lambda name: weights[f"encoder/block{index:02}/{name}"]  # noqa: B023, E731
        projected = rms_norm(x, of("norm/scale"), epsilon) @ of("in/kernel")
        qkv, up = jnp.split(projected, [3 * width], -1)
        query, key, value = jnp.moveaxis(qkv.reshape(batch, -1, 3, heads, width // heads), 2, 0)
        query = rms_norm(query, of("attention/query_norm/scale"), epsilon)
        key = rms_norm(key, of("attention/key_norm/scale"), epsilon)
        mixed = jax.nn.dot_product_attention(query, key, value).reshape(batch, -1, width)
        hidden = jax.nn.gelu(up + of("in/mlp_bias"), approximate=True)
        x = x + jnp.concatenate([mixed, hidden], -1) @ of("out/kernel") + of("out/bias")
    feature = jnp.mean(rms_norm(x, weights["final_norm/scale"], epsilon), 1)
    return feature @ weights["head/kernel"] + weights["head/bias"]


def train_step(task):
    model, rate, decay = task["model"], task["learningRate"], task["weightDecay"]
    images, labels = (jnp.asarray(array) for array in batch_of(task))

    def loss_of(weights):
        logits = jax.nn.log_softmax(predict(weights, images, model))
        return -jnp.mean(jnp.take_along_axis(logits, labels[:, None], 1))

    @jax.jit
    def first_moments(weights):
        return jax.tree.map(jnp.zeros_like, weights)

    def update(state, count):
        weights, first, second = state
        loss, gradients = jax.value_and_grad(loss_of)(weights)
        norm = jnp.sqrt(sum(jnp.sum(jnp.square(gradient)) for gradient in gradients.values()))
        scale = 1 / jnp.maximum(norm, 1)
        new = ({}, {}, {})
        for name, weight in weights.items():
            gradient = gradients[name] * scale
            m = 0.9 * first[name] + 0.1 * gradient
            v = 0.999 * second[name] + 0.001 * jnp.square(gradient)
            direction = (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8)
            new[0][name] = weight - rate * (direction + (decay if decays(name) else 0) * weight)
            new[1][name], new[2][name] = m, v
        return new, loss

    update = jax.jit(update, donate_argnums=0)
    weights = {name: jnp.asarray(array) for name, array in read_weights(task["weights"]).items()}
    state = (weights, first_moments(weights), first_moments(weights))
    count = 0

    def step():
        nonlocal state, count
        count += 1
        state, loss = update(state, float(count))
        jax.block_until_ready(state)
        return float(loss)

    return [step() for _ in range(CHECKED_STEPS)], lambda: [timed(step)]


def inference(task):
    images = jnp.asarray(batch_of(task)[0])
    weights = {name: jnp.asarray(array) for name, array in read_weights(task["weights"]).items()}
    forward = jax.jit(lambda weights, images: predict(weights, images, task["model"]))
    infer = lambda: jax.block_until_ready(forward(weights, images))  # noqa: E731
    return infer()[0].tolist(), lambda: [timed(infer)]


def products(task):
    multiply = jax.jit(jnp.matmul)
    pairs = [(jnp.ones((p["rows"], p["inner"])), jnp.ones((p["inner"], p["columns"]))) for p in task["products"]]
    run = lambda: [timed(lambda a=a, b=b: jax.block_until_ready(multiply(a, b))) for a, b in pairs]  # noqa: E731
    run()
    return [], run


def prepare(task):
    if "model" in task:
        require_vit_22b_block(task["model"])
    check, run = {"train-step": train_step, "inference": inference, "products": products}[task["kind"]](task)
    return {"version": f"jax {jax.__version__}, jitted", "threads": THREADS, "check": check}, run


serve(prepare)
