"""What the Python peers share: the protocol of src/peers/protocol.ts, the weights, the images."""

import json
import os
import resource
import sys
import time

import numpy as np

CHECKED_STEPS = 3


def use_threads(count):
    """Keeps this process on as many cores as the other peers have threads. Call it before the framework is imported."""
    cores = sorted(os.sched_getaffinity(0))[:count]
    os.sched_setaffinity(0, cores)
    os.environ.setdefault("OMP_NUM_THREADS", str(count))


def read_weights(weights):
    """Parameters by name, out of one file of little-endian float32 numbers."""
    numbers = np.fromfile(weights["path"], dtype="<f4")
    parameters, start = {}, 0
    for entry in weights["parameters"]:
        size = int(np.prod(entry["shape"]))
        parameters[entry["name"]] = numbers[start : start + size].reshape(entry["shape"])
        start += size
    return parameters


def batch_of(task):
    """uint8 images [batch, side, side, channels] and int32 labels [batch]."""
    model = task["model"]
    shape = (task["batch"], model["imageSide"], model["imageSide"], model["channels"])
    images = (np.arange(np.prod(shape), dtype=np.int64) * 7919 % 251).astype(np.uint8).reshape(shape)
    return images, (np.arange(task["batch"]) % model["classes"]).astype(np.int32)


def require_vit_22b_block(model):
    """The scripts hold one architecture: the fused parallel block with RMS norms and mean pooling."""
    expected = {
        **{"block": "parallel", "fusedInput": True, "fusedOutput": True, "norm": "rms", "qkNorm": "rms"},
        **{"pooling": "gap", "gelu": "tanh", "finalNorm": "tokens", "embeddingNorm": False},
    }
    different = {key: model[key] for key, value in expected.items() if model[key] != value}
    if different or model["biases"]["qkv"] or not model["biases"]["mlp"]:
        raise ValueError(f"this peer holds the fused ViT-22B block with mean pooling; the task differs in {different}")


def decays(name):
    """Weight decay applies to matrices only."""
    return name.endswith("kernel")


def serve(prepare):
    """Reads the task, makes it ready by `prepare(task) -> (facts, run)`, and answers every further line with a sample."""
    # Standard output is for answers; what libraries print goes where errors go.
    answers, sys.stdout = sys.stdout, sys.stderr

    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    run = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "task" in request:
                start = time.perf_counter()
                facts, run = prepare(request["task"])
                answer({**facts, "setupMilliseconds": 1000 * (time.perf_counter() - start)})
            elif request.get("finish"):
                answer({})
            else:
                milliseconds = run()
                peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                answer({"milliseconds": milliseconds, "peakBytes": peak})
        except Exception as error:  # the parent decides what an error means
            answer({"error": f"{type(error).__name__}: {error}"})


def timed(work):
    """Milliseconds that some work takes."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)
