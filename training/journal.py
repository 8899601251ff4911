"""The journal keeps a run's facts, one JSON object in a line: losses in all and per task, speed, learning rate."""

import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.data import Batch

SURE = math.log(2)  # a token with a smaller loss is certainly the greedy choice


class Tally:
    """Loss per answer token, and the share of wholly certain answers, of each task."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])

    def add(self, batch: Batch, each: Tensor) -> None:
        """Count the answers of one batch by the losses of its chosen tokens."""
        rows, count = batch.owner[batch.target], len(batch.tasks)
        losses = each[batch.target]
        total = torch.zeros(count).index_add_(0, rows, losses)
        unsure = torch.zeros(count).index_add_(0, rows, (losses >= SURE).float())
        numbers = torch.bincount(rows, minlength=count)
        for task, value, doubts, number in zip(
            batch.tasks, total.tolist(), unsure.tolist(), numbers.tolist(), strict=True
        ):
            entry = self.sums[task]
            entry[0] += value
            entry[1] += number
            entry[2] += doubts == 0
            entry[3] += 1

    def take(self) -> dict[str, list[float]]:
        """Return the means by task and start again."""
        found = {
            task: [round(loss / max(1, tokens), 4), round(sure / rows, 2)]
            for task, (loss, tokens, sure, rows) in sorted(self.sums.items())
        }
        self.sums.clear()
        return found


class Journal:
    """What happened since the last line, and the file that the lines go to."""

    def __init__(self, path: Path) -> None:
        """Go on at the end of the file."""
        self.path, self.tasks = path, Tally()
        self.since, self.count = 0.0, 0
        self.losses: list[float] = []
        self.other: list[float] = []

    def write(self, **facts: Any) -> None:
        """Write one line."""
        with self.path.open("a") as file:
            file.write(json.dumps(facts) + "\n")

    def add(self, batch: Batch, each: Tensor) -> None:
        """Count one batch."""
        self.count += batch.tokens
        self.losses.append(each[batch.target].mean().item())
        self.other.append(each[~batch.target].mean().item())
        self.tasks.add(batch, each)

    def take(self, spent: float) -> dict[str, float]:
        """Return the mean losses and the tokens per second since the last call."""
        found = {
            "loss": round(sum(self.losses) / len(self.losses), 4),
            "other": round(sum(self.other) / len(self.other), 4),
            "speed": round(self.count / max(1e-9, spent - self.since)),
        }
        self.since, self.count, self.losses, self.other = spent, 0, [], []
        return found
