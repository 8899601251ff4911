"""The numerical check holds the embedded engine to transformers: same weights, same greedy text.

    python -m training.compare --report training/REPORT.md

The engine continues each raw prompt greedily; transformers then reads prompt and continuation once, and at every
place its best token must be the engine's. Prompts of M3 reach far beyond the dense window, and a second pass with the
sparsity switched off shows that the engine's text does depend on it.
"""

import argparse
import itertools
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import AutoModelForCausalLM
from transformers.models.minimax_m3_vl.modeling_minimax_m3_vl import MiniMaxM3VLForCausalLM

from training import export, model
from training.data import Sample, samples
from training.engine import Engine

WINDOW = model.BLOCK * model.TOP_BLOCKS
SEED = 424_242
HEADING = "## Numerical check"
LIKELY = -3.0  # the least log-probability that counts as likely


@dataclass
class Tally:
    """What the comparison of one family found."""

    family: str
    prompts: int = 0
    same: int = 0
    tokens: int = 0
    equal: int = 0
    longest: int = 0
    beyond: int = 0
    dense_differs: int = 0
    gaps: list[float] = field(default_factory=list)
    divergences: list[str] = field(default_factory=list)


def prompts(tokenizer: Tokenizer, family: Any, count: int) -> list[Sample]:
    """Prompts of the usual kind, a third of them beyond the dense window, a few of thousands of tokens."""
    chosen: list[Sample] = []
    source = samples(tokenizer, family, SEED, model.CONTEXT - 128)
    wanted = {"short": count - count // 3, "window": count // 3 - count // 20, "long": count // 20}
    for sample in itertools.islice(source, 60_000):
        kind = "short" if sample.prompt <= WINDOW else "window" if sample.prompt <= 1000 else "long"
        if wanted[kind]:
            wanted[kind] -= 1
            chosen.append(sample)
        if not any(wanted.values()):
            break
    return chosen


def _network(family: str, folder: Path) -> Any:
    if family == "m2":
        kind: Any = AutoModelForCausalLM
    else:
        kind = MiniMaxM3VLForCausalLM
    return kind.from_pretrained(folder, experts_implementation="grouped_mm").float().eval()


def _gaps(answer: Any, logs: Tensor) -> Iterator[float]:
    """How far the engine's log-probabilities of likely tokens are from transformers'."""
    for number, place in enumerate(answer["completion_probabilities"]):
        for top in place["top_logprobs"]:
            if top["logprob"] > LIKELY:
                yield abs(top["logprob"] - logs[number, top["id"]].item())


def compare(family: Any, count: int, limit: int, runs: Path = export.RUNS) -> Tally:
    """Compare one family's last export on some prompts."""
    tally = Tally(family)
    with tempfile.TemporaryDirectory() as scratch:
        folder, path = Path(scratch) / "hf", Path(scratch) / "demo.gguf"
        network, tokenizer = export.trained(family, runs)
        export.write_gguf(network, family, tokenizer, path)
        export.write_hf(network, family, tokenizer, folder)
        reference = _network(family, folder)
        engine = Engine(path)
        indexers = [module for module in reference.modules() if hasattr(module, "topk_blocks")]
        for sample in prompts(tokenizer, family, count):
            prompt = sample.ids[: sample.prompt]
            answer = engine.complete(prompt, limit, odds=5)
            found = list(answer["tokens"])
            ids = torch.tensor([prompt + found])
            with torch.no_grad():
                logs = reference(ids).logits[0, len(prompt) - 1 : -1].log_softmax(-1)
            best = logs.argmax(-1).tolist()
            tally.prompts += 1
            tally.longest = max(tally.longest, len(prompt))
            tally.tokens += len(found)
            tally.same += best == found
            tally.equal += sum(a == b for a, b in zip(best, found, strict=True))
            # The engine lists no odds for a token that ends inside a character; such answers would be misaligned.
            if [place["id"] for place in answer["completion_probabilities"]] == found:
                tally.gaps += _gaps(answer, logs)
            if best != found:
                first = next(i for i, (a, b) in enumerate(zip(best, found, strict=True)) if a != b)
                gap = (logs[first, best[first]] - logs[first, found[first]]).item()
                tally.divergences.append(
                    f"{sample.task}, prompt of {len(prompt)} tokens, at token {first}: transformers "
                    f"{tokenizer.decode([best[first]])!r}, engine {tokenizer.decode([found[first]])!r}, "
                    f"log-probabilities {gap:.4f} apart"
                )
            if indexers and len(prompt) > WINDOW:
                tally.beyond += 1
                for indexer in indexers:
                    indexer.topk_blocks = 10_000
                with torch.no_grad():
                    dense = reference(ids).logits[0, len(prompt) - 1 : -1].log_softmax(-1)
                for indexer in indexers:
                    indexer.topk_blocks = model.TOP_BLOCKS
                tally.dense_differs += bool((dense - logs).abs().max() > 0.05)
    return tally


def _spread(gaps: list[float]) -> str:
    ordered = sorted(gaps) or [0.0]
    return ", ".join(f"{ordered[int(part * (len(ordered) - 1))]:.4f}" for part in (0.5, 0.99, 1.0))


def section(tallies: list[Tally], limit: int) -> str:
    """The report's section."""
    lines = [
        HEADING,
        "",
        "The same weights in transformers (float32, sparse path of M3 included) and in the embedded engine (float16",
        f"matrices, float16 cache), greedy, raw prompts, up to {limit} new tokens each. A continuation is the same if",
        "transformers, reading it, would have chosen every one of its tokens.",
        "",
        "| family | prompts | same text | tokens the same | longest prompt | gap of likely tokens' log-probabilities: median, 99 %, largest |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {t.family} | {t.prompts} | {t.same} | {t.equal} of {t.tokens} | {t.longest} | {_spread(t.gaps)} |"
        for t in tallies
    ]
    for tally in tallies:
        if tally.beyond:
            lines += [
                "",
                f"Of {tally.family}'s prompts, {tally.beyond} are longer than the dense window of {WINDOW} tokens; with",
                f"sparsity off transformers' log-probabilities move by more than 0.05 in {tally.dense_differs} of them.",
            ]
        if tally.divergences:
            lines += ["", f"Divergences of {tally.family} (first place each):", ""]
            lines += [f"- {entry}" for entry in tally.divergences[:20]]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Compare both families and put the result in the report."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--families", nargs="+", default=["m2", "m3"])
    reader.add_argument("--count", type=int, default=200)
    reader.add_argument("--limit", type=int, default=64)
    reader.add_argument("--runs", type=Path, default=export.RUNS, metavar="FOLDER", help="where the states of all runs lie")
    reader.add_argument("--report", type=Path)
    given = reader.parse_args()
    torch.set_num_threads(1)
    text = section([compare(family, given.count, given.limit, given.runs) for family in given.families], given.limit)
    print(text)
    if given.report:
        old = given.report.read_text() if given.report.exists() else ""
        rest = re.sub(rf"{HEADING}\n.*?(?=\n## |\Z)", "", old, flags=re.DOTALL).rstrip()
        given.report.write_text(f"{rest}\n\n{text}".lstrip())


if __name__ == "__main__":
    main()
