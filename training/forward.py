"""The forward pass is transformers' computation of both families, written again for speed on one core.

It reads the weights out of the transformers module itself, so there is nothing to convert; `compare` and the tests
hold its results to the originals.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.kernel import attend, experts
from training.model import BLOCK, HEAD_DIM, KV_HEADS, ROTARY, THETA, TOP_BLOCKS, Network

LOW = torch.bfloat16
EPS = 1e-6
MOST_SEGMENTS = 24


def angles(places: Tensor) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the rotary embedding at the given places, (tokens, 1, ROTARY)."""
    rate = 1.0 / (THETA ** (torch.arange(0, ROTARY, 2, dtype=torch.float) / ROTARY))
    angle = places[:, None].float() * rate
    angle = torch.cat((angle, angle), dim=-1)[:, None]
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """The first ROTARY channels of x (tokens, heads, dim) turned by their place."""
    turn, rest = x[..., :ROTARY], x[..., ROTARY:]
    left, right = turn.chunk(2, dim=-1)
    return torch.cat((turn * cos + torch.cat((-right, left), dim=-1) * sin, rest), dim=-1)


def norm(x: Tensor, weight: Tensor) -> Tensor:
    """Root-mean-square norm in float32 with the complete weight."""
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPS) * weight


def linear(x: Tensor, *weights: Tensor) -> Tensor:
    """One bfloat16 product with all given matrices at once."""
    return F.linear(x, (weights[0] if len(weights) == 1 else torch.cat(weights)).to(LOW))


class Forward(nn.Module):
    """Hidden states of a flat stream of tokens, for either family."""

    def __init__(self, network: Network, family: str) -> None:
        """Keep the network whose weights are used; they stay its own."""
        super().__init__()
        self.network = network
        self.family = family

    def weight(self, module: Network) -> Tensor:
        """The complete weight of a norm: M3 keeps it less one."""
        whole: Tensor = module.weight + 1.0 if self.family == "m3" else module.weight
        return whole

    def project(self, layer: Network, h: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of one layer, rotated, (tokens, heads, dim) in float32 but for the values."""
        part = layer.self_attn
        q, k, v = linear(h, part.q_proj.weight, part.k_proj.weight, part.v_proj.weight).split(
            (part.q_proj.weight.shape[0], KV_HEADS * HEAD_DIM, KV_HEADS * HEAD_DIM), dim=-1
        )
        q, k = q.float(), k.float()
        if self.family == "m2":
            q, k = norm(q, self.weight(part.q_norm)), norm(k, self.weight(part.k_norm))
        q, k = q.unflatten(-1, (-1, HEAD_DIM)), k.unflatten(-1, (-1, HEAD_DIM))
        if self.family == "m3":
            q, k = norm(q, self.weight(part.q_norm)), norm(k, self.weight(part.k_norm))
        return rotate(q, cos, sin), rotate(k, cos, sin), v

    def index(self, layer: Network, h: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor]:
        """Queries and keys of the block indexer, (tokens, heads, dim)."""
        part = layer.self_attn.indexer
        both = F.linear(h, torch.cat((part.q_proj.weight, part.k_proj.weight)).to(h.dtype)).float()
        both = both.unflatten(-1, (KV_HEADS + 1, -1))
        iq, ik = norm(both[:, :-1], part.q_norm.weight + 1.0), norm(both[:, -1:], part.k_norm.weight + 1.0)
        return rotate(iq, cos, sin), rotate(ik, cos, sin)

    def mix(self, layer: Network, h: Tensor) -> tuple[Tensor, Tensor | None]:
        """The feed-forward half of one layer and how many tokens each expert got."""
        mlp = layer.mlp
        alpha = 1.702 if self.family == "m3" else 0.0
        low = h.to(LOW)
        if not hasattr(mlp, "gate"):
            return self.dense(mlp, low), None
        if self.family == "m2":
            bias, scale = mlp.e_score_correction_bias, 1.0
        else:
            bias, scale = mlp.gate.e_score_correction_bias, 2.0
        score = torch.sigmoid(F.linear(h, mlp.gate.weight))
        choice = torch.topk(score.detach() + bias, 2, dim=-1, sorted=False).indices
        chosen = score.gather(1, choice)
        chosen = chosen / chosen.sum(-1, keepdim=True) * scale
        out, _, counts, _ = experts(
            low, mlp.experts.gate_up_proj.to(LOW), mlp.experts.down_proj.to(LOW), choice, chosen, alpha
        )
        if self.family == "m3":
            return out.float() + self.dense(mlp.shared_experts, low), counts
        return out.float(), counts

    def dense(self, mlp: Network, low: Tensor) -> Tensor:
        """The plain feed-forward part of M3."""
        gate, up = linear(low, mlp.gate_up_proj.weight).float().chunk(2, dim=-1)
        gate, up = gate.clamp(max=7.0), up.clamp(-7.0, 7.0)
        value = (up + 1.0) * gate * torch.sigmoid(gate * 1.702)
        return linear(value.to(LOW), mlp.down_proj.weight).float()

    def forward(self, ids: Tensor, places: Tensor, shape: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Final hidden states (slots, hidden) and, per expert layer, the number of tokens per expert."""
        inner = self.network.model
        x = F.embedding(ids, inner.embed_tokens.weight)
        cos, sin = angles(places)
        loads = []
        plain = torch.cat((torch.zeros_like(shape[:1]), shape[1:]))
        for layer in inner.layers:
            h = norm(x, self.weight(layer.input_layernorm)).to(LOW)
            q, k, v = self.project(layer, h, cos, sin)
            sparse = getattr(layer.self_attn, "indexer", None) is not None
            if sparse:
                with torch.no_grad():
                    iq, ik = self.index(layer, h.detach(), cos, sin)
                    iq, ik = iq.flatten(1).to(LOW), ik.flatten(1).to(LOW)
            else:
                iq = ik = q.new_zeros(1)
            q = (q * HEAD_DIM**-0.5).flatten(1).to(LOW)
            mixed, _ = attend(q, k.flatten(1).to(LOW), v.contiguous(), iq, ik, shape if sparse else plain)
            x = x + linear(mixed, layer.self_attn.o_proj.weight).float()
            h = norm(x, self.weight(layer.post_attention_layernorm))
            out, load = self.mix(layer, h)
            x = x + out
            if load is not None:
                loads.append(load)
        return norm(x, self.weight(inner.norm)), loads


def layout(segments: list[tuple[int, int, int]], sparse: bool) -> Tensor:
    """The layout tensor of a batch whose segments are (first slot, texts, length), see `kernel`."""
    result = torch.zeros(1 + MOST_SEGMENTS, 3, dtype=torch.long)
    if sparse:
        result[0, 0], result[0, 1] = BLOCK, TOP_BLOCKS
    result[1 : 1 + len(segments)] = torch.tensor(segments)
    return result
