"""ViT training step, forward pass and products in eager PyTorch on the CPU.

Run by `pnpm bench`; by hand: python torch_peer.py THREADS, then lines of JSON (see protocol.py). Needs: pip install torch numpy.
"""

import sys

from protocol import CHECKED_STEPS, batch_of, read_weights, require_vit_22b_block, serve, timed, use_threads

THREADS = int(sys.argv[1])
use_threads(THREADS)

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

torch.set_num_threads(THREADS)


class Block(nn.Module):
    """Attention and MLP beside each other, with one product in and one product out."""

    def __init__(self, model):
        super().__init__()
        self.width, self.heads, hidden = model["width"], model["heads"], model["mlpWidth"]
        self.norm = nn.RMSNorm(self.width, eps=model["normEpsilon"])
        self.query_norm = nn.RMSNorm(self.width // self.heads, eps=model["normEpsilon"])
        self.key_norm = nn.RMSNorm(self.width // self.heads, eps=model["normEpsilon"])
        self.inner = nn.Linear(self.width, 3 * self.width + hidden, bias=False)
        self.mlp_bias = nn.Parameter(torch.zeros(hidden))
        self.outer = nn.Linear(self.width + hidden, self.width)

    def forward(self, x):
        batch, tokens, width = x.shape
        projected = self.inner(self.norm(x))
        qkv, up = projected.split([3 * width, projected.shape[-1] - 3 * width], dim=-1)
        query, key, value = qkv.view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(self.query_norm(query), self.key_norm(key), value)
        mixed = mixed.transpose(1, 2).reshape(batch, tokens, width)
        hidden = F.gelu(up + self.mlp_bias, approximate="tanh")
        return x + self.outer(torch.cat([mixed, hidden], dim=-1))


class ViT(nn.Module):
    """Patches, blocks, norm, mean over tokens, classifier."""

    def __init__(self, model):
        super().__init__()
        self.patch_side, width = model["patchSide"], model["width"]
        self.grid = model["imageSide"] // self.patch_side
        self.patch = nn.Linear(self.patch_side**2 * model["channels"], width)
        self.positions = nn.Parameter(torch.zeros(self.grid**2, width))
        self.blocks = nn.Sequential(*(Block(model) for _ in range(model["depth"])))
        self.norm = nn.RMSNorm(width, eps=model["normEpsilon"])
        self.head = nn.Linear(width, model["classes"])

    def forward(self, images):
        batch, side, grid = images.shape[0], self.patch_side, self.grid
        x = (images.float() / 255 - 0.5) / 0.5
        x = x.view(batch, grid, side, grid, -1).transpose(2, 3).reshape(batch, grid * grid, -1)
        x = self.blocks(self.patch(x) + self.positions)
        return self.head(self.norm(x).mean(dim=1))

    def load(self, weights):
        """Takes over weights by the names that Vitscale gives them; its kernels are [in, out], PyTorch's [out, in]."""
        names = {"patch": "patch", "head": "head", "in/kernel": "inner.weight", "out": "outer"}
        names |= {"attention/query_norm": "query_norm", "attention/key_norm": "key_norm", "in/mlp_bias": "mlp_bias"}
        state = {}
        for name, array in weights.items():
            tensor = torch.from_numpy(array.copy())
            prefix = ""
            if name.startswith("encoder/block"):
                _, block, name = name.split("/", 2)
                prefix = f"blocks.{int(block[5:])}."
            name = "norm/scale" if name == "final_norm/scale" else name
            for old, new in names.items():
                name = name.replace(old, new) if name == old or name.startswith(f"{old}/") else name
            leaf = name.replace("/kernel", ".weight").replace("/scale", ".weight").replace("/bias", ".bias")
            state[prefix + leaf] = tensor.T.contiguous() if leaf.endswith("weight") and tensor.ndim == 2 else tensor
        self.load_state_dict(state)
        return self


def train_step(task):
    model = ViT(task["model"]).load(read_weights(task["weights"]))
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and name != "positions"]
    others = [p for name, p in model.named_parameters() if p.ndim != 2 or name == "positions"]
    groups = [{"params": matrices, "weight_decay": task["weightDecay"]}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=task["learningRate"], fused=True)
    images, labels = (torch.from_numpy(array) for array in batch_of(task))
    labels = labels.long()

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    return [step() for _ in range(CHECKED_STEPS)], lambda: [timed(step)]


def inference(task):
    model = ViT(task["model"]).load(read_weights(task["weights"])).eval()
    images = torch.from_numpy(batch_of(task)[0])

    def infer():
        with torch.inference_mode():
            return model(images).numpy()

    return infer()[0].tolist(), lambda: [timed(infer)]


def products(task):
    pairs = [(torch.ones(p["rows"], p["inner"]), torch.ones(p["inner"], p["columns"])) for p in task["products"]]
    with torch.inference_mode():
        for a, b in pairs:
            a @ b

    def run():
        with torch.inference_mode():
            return [timed(lambda a=a, b=b: a @ b) for a, b in pairs]

    return [], run


def prepare(task):
    if "model" in task:
        require_vit_22b_block(task["model"])
    check, run = {"train-step": train_step, "inference": inference, "products": products}[task["kind"]](task)
    return {"version": f"torch {torch.__version__}, eager", "threads": torch.get_num_threads(), "check": check}, run


serve(prepare)
