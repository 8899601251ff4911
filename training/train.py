"""The trainer trains one checkpoint on one core within a given time, and can be stopped and resumed at any moment.

    python -m training.train --family m2 --minutes 85
    python -m training.train --family m2 --minutes 85 --init src/maxserve/checkpoints/demo-m2.gguf

The learning rate follows the clock: a short warm-up, a plateau, and a fall to nothing in the last part, so that a run
fits any budget. Examples are generated on the way (a few percent of the time), so none is seen twice. What is saved
lies in `training/runs/<family>` (or under `--runs`); `training.export` puts it into the package.
"""

import argparse
import math
import os
import random
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training import export
from training.data import Batch, Sample, batches, pack, samples
from training.feed import SEGMENT, SLOTS, feed
from training.forward import Forward, layout
from training.indexer import Indexer
from training.journal import Journal, Tally
from training.kernel import Loss
from training.model import Family, Network, build, sizes
from training.muon import Muon
from training.plan import CONTINUED, FIRST, Plan
from training.tokenizer import load
from training.weights import read_gguf

SHARE = 0.06  # of the tokens before the answer


def balance(network: Network, loads: list[Tensor], speed: float) -> None:
    """Push each expert's selection bias toward an even load."""
    places = [module for name, module in network.named_modules() if hasattr(module, "e_score_correction_bias")]
    for module, counts in zip(places, loads, strict=True):
        share = counts.float()
        module.e_score_correction_bias.add_(torch.sign(share.mean() - share), alpha=speed)


class Trainer:
    """One run of one family."""

    def __init__(self, family: Family, minutes: float, seed: int, compiled: bool, plan: Plan, runs: Path) -> None:
        """Make the network and its helpers; nothing runs yet."""
        self.plan, self.family, self.budget, self.seed = plan, family, minutes * 60, seed
        self.tokenizer = load()
        self.network = build(family, self.tokenizer.get_vocab_size(), seed)
        self.forward = Forward(self.network, family)
        self.compiled = torch.compile(self.forward, dynamic=False) if compiled else self.forward
        self.muon = Muon(self.network)
        self.indexer = Indexer(self.forward) if family == "m3" else None
        self.folder = runs / family
        self.folder.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(self.folder / "log.jsonl")
        self.spent, self.step, self.tokens, self.pools = 0.0, 0, 0, 0
        self.chance = random.Random(seed)

    @property
    def part(self) -> float:
        """How much of the run is over, 0 to 1."""
        return self.spent / self.budget

    def save(self) -> None:
        """Write the state, then put it in place in one move."""
        state = {
            "network": self.network.state_dict(),
            "muon": self.muon.state_dict(),
            "indexer": self.indexer.state_dict() if self.indexer else None,
            "numbers": [self.spent, self.step, self.tokens, self.pools],
        }
        spare = self.folder / "state.tmp"
        torch.save(state, spare)
        os.replace(spare, self.folder / "state.pt")
        export.write_gguf(self.network, self.family, self.tokenizer, self.folder / f"demo-{self.family}.gguf")

    def resume(self) -> None:
        """Go on from the last saved state."""
        state = torch.load(self.folder / "state.pt")
        self.network.load_state_dict(state["network"])
        self.muon.load_state_dict(state["muon"])
        if self.indexer:
            self.indexer.load_state_dict(state["indexer"])
        self.spent, self.step, self.tokens, self.pools = state["numbers"]

    def log(self, **facts: Any) -> None:
        """One line of facts in the run's log."""
        self.journal.write(step=self.step, minutes=round(self.spent / 60, 2), tokens=self.tokens, **facts)

    def pool(self) -> list[list[list[Sample]]]:
        """The next pool of fresh examples."""
        self.pools += 1
        seed = self.seed * 1_000_003 + self.pools
        return feed(self.tokenizer, self.family, seed, self.plan, self.part, self.chance)

    def loss(self, batch: Batch, run: Any) -> tuple[Tensor, Tensor, list[Tensor]]:
        """The weighted loss of a batch, the loss of each chosen token, and the experts' loads."""
        sparse = self.family == "m3" and self.part >= self.plan.sparse_from
        hidden, loads = run(batch.ids, batch.places, layout(batch.segments, sparse))
        apply: Any = Loss.apply
        total, each = apply(hidden[batch.chosen], self.network.lm_head.weight, batch.labels, batch.weight)
        return total, each, loads

    def learn(self, batch: Batch) -> list[Tensor]:
        """Take one step; return the experts' loads."""
        total, each, loads = self.loss(batch, self.compiled)
        total.backward()
        self.muon.scale = self.plan.rate(self.part)
        norm = math.sqrt(sum(float(w.grad.square().sum()) for w in self.muon.rest.values() if w.grad is not None))
        if not math.isfinite(norm):
            raise FloatingPointError("the gradient is not finite")
        self.muon.step()
        balance(self.network, loads, 0.002 * self.muon.scale)
        if self.indexer and self.step % 8 == 0:
            self.indexer.step(batch, self.muon.scale)
        self.step += 1
        self.tokens += batch.tokens
        self.journal.add(batch, each)
        return loads

    def evaluate(self, count: int = 240) -> dict[str, Any]:
        """Loss and share of wholly certain answers per task on held-out examples."""
        source = samples(self.tokenizer, self.family, 987_654_321, 640, held=True)
        held = [next(source) for _ in range(count)]
        tally = Tally()
        with torch.no_grad():
            for parts in batches(held, SLOTS, SEGMENT, self.chance):
                batch = pack(parts, SLOTS, 0.0, self.chance)
                _, each, _ = self.loss(batch, self.compiled)
                tally.add(batch, each)
        return tally.take()

    def train(self) -> None:
        """Run until the time is over."""
        self.log(start=sizes(self.network), family=self.family, budget_minutes=self.budget / 60)
        clock = time.monotonic()
        saved = evaluated = clock - 1000
        self.journal.since = self.spent
        ready: list[list[list[Sample]]] = []
        stopped: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
        while self.part < 1 and not stopped:
            if not ready:
                ready = self.pool()
            batch = pack(ready.pop(), SLOTS, SHARE, self.chance)
            loads = self.learn(batch)
            now = time.monotonic()
            # A process that was held up (a stopped machine) must not lose its schedule to the pause.
            self.spent += min(now - clock, 120.0)
            clock = now
            if self.step % 25 == 0:
                indexer = self.indexer.report() if self.indexer else None
                self.log(**self.journal.take(self.spent), rate=round(self.muon.scale, 3), texts=len(batch.tasks), indexer=indexer)
            if self.step % 250 == 0:
                self.log(tasks=self.journal.tasks.take())
            if now - saved > 240:
                self.save()
                saved = now
            if now - evaluated > 700 and self.step > 50:
                self.log(held_out=self.evaluate(), loads=[load.tolist() for load in loads])
                evaluated = now
                clock = time.monotonic()
        self.save()
        if not stopped:
            self.log(held_out=self.evaluate(900), end=True)


def main() -> None:
    """Train one family for some minutes."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--family", choices=("m2", "m3"), required=True)
    reader.add_argument("--minutes", type=float, default=85)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--resume", action="store_true")
    reader.add_argument("--init", type=Path, metavar="GGUF", help="begin with the weights of a checkpoint, a shipped one say")
    reader.add_argument("--plateau", type=float, metavar="FACTOR", help="another plateau of the learning rate than the plan's")
    reader.add_argument("--decay-from", type=float, metavar="PART", help="the part of the run, 0 to 1, from which the rate falls")
    reader.add_argument("--sparse-from", type=float, metavar="PART", help="the part of the run from which M3 attends sparsely")
    reader.add_argument("--runs", type=Path, default=export.RUNS, metavar="FOLDER", help="where the states of all runs lie")
    reader.add_argument("--eager", action="store_true", help="do not compile")
    given = reader.parse_args()
    torch.set_num_threads(1)
    # A resumed run keeps the plan that it began with: give --init again with --resume.
    plan = CONTINUED if given.init else FIRST
    plan = replace(plan, plateau=given.plateau or plan.plateau, decay_from=given.decay_from or plan.decay_from,
                   sparse_from=plan.sparse_from if given.sparse_from is None else given.sparse_from)
    trainer = Trainer(given.family, given.minutes, given.seed, not given.eager, plan, given.runs)
    if given.resume:
        trainer.resume()
    elif given.init:
        read_gguf(trainer.network, given.family, given.init)
    trainer.train()


if __name__ == "__main__":
    main()
