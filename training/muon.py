"""Muon moves matrices by the orthogonal part of their momentum, AdamW everything else."""

from collections import defaultdict
from typing import Any

import torch
from torch import Tensor

from training.model import Network


def orthogonal(x: Tensor) -> Tensor:
    """About the nearest semi-orthogonal matrices to a stack (count, rows, columns), by five quintic Newton steps."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = x.shape[1] > x.shape[2]
    x = (x.transpose(1, 2) if tall else x).to(torch.bfloat16)
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = torch.bmm(x, x.transpose(1, 2))
        x = a * x + torch.bmm(b * square + c * torch.bmm(square, square), x)
    return (x.transpose(1, 2) if tall else x).float()


def _pieces(name: str, x: Tensor) -> list[Tensor]:
    """The single matrices inside one parameter: experts apart, gate and up apart."""
    slices = list(x) if x.ndim == 3 else [x]
    if "gate_up" in name:
        return [half for piece in slices for half in piece.chunk(2, dim=0)]
    return slices


class Muon:
    """One optimizer for the whole network; `scale` multiplies all rates and is set each step by the schedule."""

    def __init__(self, network: Network, rate: float = 0.02, adam_rate: float = 3e-3, decay: float = 0.03) -> None:
        """Sort the network's parameters into matrices and the rest."""
        self.rate, self.adam_rate, self.decay, self.scale, self.steps = rate, adam_rate, decay, 1.0, 0
        named = {name: weight for name, weight in network.named_parameters() if ".indexer." not in name}
        outer = ("embed_tokens", "lm_head", "gate.weight", "norm")
        self.matrices = {n: w for n, w in named.items() if not any(part in n for part in outer)}
        self.rest = {n: w for n, w in named.items() if n not in self.matrices}
        self.momentum = {name: torch.zeros_like(weight) for name, weight in self.matrices.items()}
        self.first = {name: torch.zeros_like(weight) for name, weight in self.rest.items()}
        self.second = {name: torch.zeros_like(weight) for name, weight in self.rest.items()}
        self.stacks: dict[tuple[int, int], list[tuple[Tensor, str, int]]] = defaultdict(list)
        for name, weight in self.matrices.items():
            for number, piece in enumerate(_pieces(name, weight.data)):
                self.stacks[piece.shape[0], piece.shape[1]].append((piece, name, number))

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient, then forget the gradients."""
        self.steps += 1
        warm = min(1.0, self.steps / 300)
        beta = 0.85 + 0.10 * warm
        ways: dict[str, list[Tensor]] = {}
        for name, weight in self.matrices.items():
            momentum = self.momentum[name].lerp_(weight.grad, 1 - beta)
            ways[name] = _pieces(name, weight.grad.lerp(momentum, beta))
        for (rows, columns), entries in self.stacks.items():
            moves = orthogonal(torch.stack([ways[name][number] for _, name, number in entries]))
            rate = self.rate * self.scale * max(1.0, rows / columns) ** 0.5
            shrink = 1 - self.rate * self.scale * self.decay
            for (piece, _, _), move in zip(entries, moves, strict=True):
                piece.mul_(shrink).add_(move, alpha=-rate)
        low, high = 0.9, 0.95
        for name, weight in self.rest.items():
            first = self.first[name].lerp_(weight.grad, 1 - low)
            second = self.second[name].lerp_(weight.grad.square(), 1 - high)
            size = (second / (1 - high**self.steps)).sqrt_().add_(1e-8)
            weight.addcdiv_(first, size, value=-self.adam_rate * self.scale / (1 - low**self.steps))
        for weight in (*self.matrices.values(), *self.rest.values()):
            weight.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on later."""
        return {"steps": self.steps, "momentum": self.momentum, "first": self.first, "second": self.second}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up a stored state."""
        self.steps = state["steps"]
        for mine, theirs in ((self.momentum, "momentum"), (self.first, "first"), (self.second, "second")):
            for name, value in state[theirs].items():
                mine[name].copy_(value)
