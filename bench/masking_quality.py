"""What masking finds and what it takes wrongly, per detector, on labelled sentences; beside Presidio on the same.

`python -m bench.masking_quality [--misses] [--seed S] [--without presidio]`; about a minute. A secret counts as found
where every character of it is masked, by whichever detector. A masked span counts as right for its detector where it
touches a secret of that kind. Presidio's pattern recognisers run without a language model (there is none to be had
offline): with its own defaults, and with a threshold.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from maxserve.masking import DETECTORS, Policy

from .masking_corpus import Sentence, corpus, listed_names
from .masking_field import field
from .page import Page
from .stand import Missing, installed

Span = tuple[int, int, str]
KINDS = (*DETECTORS, "names")
REPORTED_SEED = 2026
"""Not the seed that the detectors were written with."""


class Score:
    """Counts of one way of finding, per kind."""

    def __init__(self) -> None:
        self.secrets: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.spans: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.misses: list[tuple[str, str, Sentence]] = []

    def add(self, sentence: Sentence, spans: Sequence[Span]) -> None:
        """Count one sentence."""
        masked = {place for start, end, _ in spans for place in range(start, end)}
        for start, end, kind in sentence.secrets:
            self.secrets[kind] += 1
            if masked.issuperset(range(start, end)):
                self.found[kind] += 1
            else:
                self.misses.append(("missed", kind, sentence))
        for start, end, kind in spans:
            self.spans[kind] += 1
            if any(start < stop and begin < end and kind == of for begin, stop, of in sentence.secrets):
                self.right[kind] += 1
            else:
                self.misses.append((f"took {sentence.text[start:end]!r} as", kind, sentence))

    def cells(self, kind: str) -> list[str]:
        """Return precision and recall of a kind, as far as there is anything to divide by."""
        return [_share(self.right[kind], self.spans[kind]), _share(self.found[kind], self.secrets[kind])]

    def all(self) -> list[str]:
        """Return precision and recall over all kinds."""
        return [
            _share(self.right.total(), self.spans.total()),
            _share(self.found.total(), self.secrets.total()),
        ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f} ({part}/{whole})" if whole else ""


def ours(sentences: Sequence[Sentence]) -> list[list[Span]]:
    """Return what maxserve finds in each sentence."""
    policy = Policy(names=listed_names())
    return [[(found.start, found.end, found.detector) for found in policy.find(each.text)] for each in sentences]


def presidio(sentences: Sequence[Sentence], threshold: float) -> list[list[Span]]:
    """Return what Presidio's pattern recognisers find in each sentence; raises `Missing`."""
    python = installed("presidio", ["presidio-analyzer>=2.2.366,<3"])
    asked = {"texts": [each.text for each in sentences], "names": listed_names(), "threshold": threshold}
    script = Path(__file__).with_name("masking_presidio.py")
    command = [python, script]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise Missing(f"presidio failed: {done.stderr.strip().splitlines()[-1]}")
    return [[(start, end, kind) for start, end, kind in spans] for spans in json.loads(done.stdout)]


def score(sentences: Sequence[Sentence], spans: Iterable[Sequence[Span]]) -> Score:
    """Count over a corpus."""
    found = Score()
    for sentence, each in zip(sentences, spans, strict=True):
        found.add(sentence, each)
    return found


def main() -> None:
    """Measure, print and keep the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--misses", action="store_true", help="print what maxserve missed and took wrongly; keep nothing"
    )
    parser.add_argument("--seed", type=int, default=REPORTED_SEED)
    parser.add_argument("--without", choices=("presidio",), help="leave it out")
    args = parser.parse_args()
    page = Page("masking_quality", "Masking: what is found", "python -m bench.masking_quality", keep=not args.misses)
    sets = {"corpus": corpus(args.seed), "field": field()}
    ways: dict[str, Callable[[Sequence[Sentence]], list[list[Span]]]] = {"maxserve": ours}
    if not args.without and not args.misses:
        ways["Presidio, all its hits"] = lambda sentences: presidio(sentences, 0.0)
        ways["Presidio, score ≥ 0.5"] = lambda sentences: presidio(sentences, 0.5)
    for name, sentences in sets.items():
        scores: dict[str, Score] = {}
        for way, find in ways.items():
            try:
                scores[way] = score(sentences, find(sentences))
            except Missing as reason:
                page.say(f"Left out: {reason}.")
                break
        if args.misses:
            for what, kind, sentence in scores["maxserve"].misses:
                print(f"{what} {kind} [{sentence.language}]: {sentence.text!r}")
        secrets = sum(len(each.secrets) for each in sentences)
        plain = sum(not each.secrets for each in sentences)
        drawn = f"the corpus of seed {args.seed}" if name == "corpus" else "written by hand, afterwards"
        page.say(
            f"{len(sentences):,} sentences in five languages, {drawn}: {secrets:,} secrets; {plain:,} hold none."
            " Of what was masked, how much was right; of the secrets, how many were masked whole."
        )
        rows = [[kind, *(cell for each in scores.values() for cell in each.cells(kind))] for kind in KINDS]
        rows.append(["all", *(cell for each in scores.values() for cell in each.all())])
        page.rows(["detector", *(f"{way}: {what}" for way in scores for what in ("right", "found"))], rows)
    page.save()


if __name__ == "__main__":
    main()
