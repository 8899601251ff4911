"""The indexer of M3 learns apart: its choice of blocks is not differentiable, so the loss never reaches it.

It is taught what the dense attention of the same layer does: for a query, each block's score is to follow the share
of attention that the block gets (cross entropy), in each group of heads. Only a part of a batch is used, every few
steps; the pass costs about two percent of the training time.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from training.data import Batch
from training.forward import LOW, Forward, angles, layout, linear, norm
from training.kernel import attend
from training.model import BLOCK, HEAD_DIM, KV_HEADS, TOP_BLOCKS

SLOTS, QUERIES = 2048, 48


class Indexer:
    """The teacher of all indexers of one network."""

    def __init__(self, forward: Forward) -> None:
        """Take the indexers' weights out of the network."""
        self.forward = forward
        self.weights = [w for name, w in forward.network.named_parameters() if ".indexer." in name]
        self.adam = torch.optim.AdamW(self.weights, lr=2e-3, betas=(0.9, 0.98), weight_decay=0.0)
        self.recent: list[tuple[float, float]] = []

    def step(self, batch: Batch, scale: float) -> None:
        """One lesson on a few rows of a batch, if its texts have at least three blocks."""
        fitting = [segment for segment in batch.segments if 3 * BLOCK <= segment[2] <= SLOTS]
        if not fitting:
            return
        first, rows, length = max(fitting, key=lambda segment: segment[2])
        rows = max(1, min(rows, SLOTS // length))
        span = slice(first, first + rows * length)
        ids, places = batch.ids[span], batch.places[span]
        losses, kept = [], []
        network = self.forward.network
        cos, sin = angles(places)
        plain = layout([(0, rows, length)], False)
        x = F.embedding(ids, network.model.embed_tokens.weight.detach())
        late = torch.randint(2 * BLOCK, length, (QUERIES,)).sort().values
        for layer in network.model.layers:
            with torch.no_grad():
                h = norm(x, self.forward.weight(layer.input_layernorm)).to(LOW)
                q, k, v = self.forward.project(layer, h, cos, sin)
                q = q * HEAD_DIM**-0.5
                empty = q.new_zeros(1)
                low = q.flatten(1).to(LOW), k.flatten(1).to(LOW), v.contiguous()
                mixed, _ = attend(*low, empty, empty, plain)
            if layer.self_attn.indexer is not None:
                want = self.shares(q, k, rows, length, late)
                loss, found = self.lesson(layer, h, cos, sin, rows, length, late, want)
                losses.append(loss)
                kept.append(found)
            with torch.no_grad():
                x = x + linear(mixed, layer.self_attn.o_proj.weight).float()
                h = norm(x, self.forward.weight(layer.post_attention_layernorm))
                x = x + self.forward.mix(layer, h)[0]
        total = torch.stack(losses).mean()
        total.backward()
        for group in self.adam.param_groups:
            group["lr"] = 2e-3 * scale
        self.adam.step()
        self.adam.zero_grad()
        self.recent.append((total.item(), sum(kept) / len(kept)))

    def shares(self, q: Tensor, k: Tensor, rows: int, length: int, late: Tensor) -> Tensor:
        """What part of each query's attention each block gets, (rows, KV heads, queries, blocks)."""
        q = q.unflatten(0, (rows, length))[:, late].unflatten(2, (KV_HEADS, -1)).permute(0, 2, 3, 1, 4)
        k = k.unflatten(0, (rows, length)).permute(0, 2, 3, 1).unsqueeze(2)
        score = torch.matmul(q, k).masked_fill_(torch.arange(length) > late[:, None], float("-inf"))
        share = score.softmax(-1).mean(2)
        blocks: Tensor = F.pad(share, (0, -length % BLOCK)).unflatten(-1, (-1, BLOCK)).sum(-1)
        return blocks

    def lesson(
        self, layer: Any, h: Tensor, cos: Tensor, sin: Tensor, rows: int, length: int, late: Tensor, want: Tensor
    ) -> tuple[Tensor, float]:
        """The loss of one layer's indexer, and how much of the attention its chosen blocks hold."""
        iq, ik = self.forward.index(layer, h.float(), cos, sin)
        iq = iq.unflatten(0, (rows, length))[:, late].transpose(1, 2)
        ik = ik.unflatten(0, (rows, length)).permute(0, 2, 3, 1)
        score = torch.matmul(iq, ik).masked_fill(torch.arange(length) > late[:, None], float("-inf"))
        score = F.pad(score, (0, -length % BLOCK), value=float("-inf"))
        pooled = score.unflatten(-1, (-1, BLOCK)).amax(-1)
        # The local block is always kept, so only the others compete for attention to what lies behind.
        own = torch.arange(pooled.shape[-1]) == (late // BLOCK)[:, None]
        rest = want.masked_fill(own, 0.0)
        mass = rest.sum(-1, keepdim=True)
        logs = pooled.masked_fill(own, float("-inf")).log_softmax(-1)
        logs = logs.masked_fill(logs == float("-inf"), 0.0)
        # Queries that look only at their own block teach little: weigh by what they look for behind.
        loss = -(rest * logs).sum() / mass.sum().clamp(min=1e-6)
        with torch.no_grad():
            top = min(TOP_BLOCKS, pooled.shape[-1])
            best = pooled.masked_fill(own, float("inf")).topk(top, dim=-1).indices
            found = want.gather(-1, best).sum(-1).mean().item()
        return loss, found

    def report(self) -> list[float] | None:
        """The mean loss and the mean attention held by the chosen blocks since the last report."""
        if not self.recent:
            return None
        loss, kept = (sum(values) / len(self.recent) for values in zip(*self.recent, strict=True))
        self.recent.clear()
        return [round(loss, 4), round(kept, 4)]

    def state_dict(self) -> dict[str, Any]:
        """The optimizer's state."""
        return self.adam.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up a stored state."""
        self.adam.load_state_dict(state)
