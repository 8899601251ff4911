"""What masking costs: per streamed frame, per megabyte, and on text made to be slow.

`python -m bench.masking [--quick]`; about a minute. All detectors are on, with a list of a hundred names. A frame is
one `TextDelta` with one token of prose, some of it secrets. The hostile texts are the slowest that a search by mutation
found (`--hunt SECONDS` searches on) and a few written by hand.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Callable

from maxserve.catalogue import Catalogue
from maxserve.chat import Event, Message, Request, TextDelta
from maxserve.masking import Filter, Policy
from maxserve.service import Service

from .budget import figure
from .hotpath import TOKENS, FakeEngine
from .masking_corpus import corpus
from .page import Page, quiet

MEGABYTE = 1 << 20
NAMES = [f"{first} {last}" for first in "Ada Ben Cleo Dan Eva Finn Gina Hal Ida Jan".split() for last in
         "Abel Brown Cruz Dietz Evans Frey Gold Huber Ito Jansen".split()]  # fmt: skip
HOSTILE = {
    "one long word": "a",
    "dotted words": "a.",
    "an address without an end": "a@a.",
    "digits": "1",
    "digits with blanks": "1 ",
    "pluses and digits": "+1 ",
    "brackets and digits": "(1)",
    "groups of an account": "AB12 ",
    "hyphens": "-",
    "colons and digits": "1:",
    "numbers that are called": "tel 1 2 3 4 5 6 7 ",
    "numbers and streets": "12 Rue de La ",
    "streets": "Berliner Berliner ",
    "Chinese streets": "北京路",
    "beginnings of keys": "sk-eyJ-----BEGIN ",
    "cards that fail": "4111 1111 1111 1112 ",
    "found by the search": "+42254501 5 9 668 7Z61 54096 0",
    "country codes": "+49 30 1 +49 30 12 ",
}


def prose(draw: random.Random, size: int) -> str:
    """Return so many characters of the corpus's sentences, in a random order."""
    sentences = [each.text for each in corpus(7)]
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(draw.choice(sentences))
        length += len(parts[-1]) + 1
    return " ".join(parts)[:size]


def tokens(draw: random.Random, text: str) -> list[str]:
    """Cut text as tokens cut it: a few characters each."""
    found, at = [], 0
    while at < len(text):
        size = draw.choice((1, 2, 3, 4, 4, 5, 6, 8))
        found.append(text[at : at + size])
        at += size
    return found


def frames(policy: Policy, texts: list[str]) -> list[float]:
    """Return the microseconds that each frame took, sorted."""
    mask = policy.filter()
    took = []
    clock = time.perf_counter_ns
    for text in texts:
        batch: list[Event] = [TextDelta(0, text)]
        began = clock()
        mask.feed(batch)
        took.append((clock() - began) / 1000)
    return sorted(took)


def rate(policy: Policy, texts: list[str], batch: int) -> float:
    """Return frames per second of CPU with so many frames in a batch, adjacent text joined as the service joins it."""
    batches: list[list[Event]] = [[TextDelta(0, "".join(texts[at : at + batch]))] for at in range(0, len(texts), batch)]
    best = 0.0
    for _ in range(5):
        mask: Filter = policy.filter()
        began = time.process_time()
        for events in batches:
            mask.feed(events)
        best = max(best, len(texts) / (time.process_time() - began))
    return best


def road(policy: Policy | None, batch: int) -> float:
    """Return tokens per second of CPU through the whole service, from the engine's pieces to masked events."""
    service = Service(Catalogue.load(), {"m2": FakeEngine(batch)}, masking=policy)
    request = Request(model="MiniMax-M2.7", messages=(Message("user", "Say something."),))

    async def answers(count: int) -> None:
        for _ in range(count):
            async for _ in await service.answer(request):
                pass

    return 100 * TOKENS / seconds(lambda: asyncio.run(answers(100)), 5)


def seconds(work: Callable[[], object], runs: int = 3) -> float:
    """Return the least CPU seconds of a few runs."""
    best = float("inf")
    for _ in range(runs):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def hunt(policy: Policy, limit: float, size: int = 4096) -> tuple[str, float]:
    """Search for a slow text by mutation for so many seconds; return it and its seconds per megabyte."""
    draw = random.Random(time.time_ns())
    pool = [*HOSTILE.values(), *[each.text for each in corpus(3)[::10]]]
    best: list[tuple[float, str]] = []
    until = time.monotonic() + limit
    while time.monotonic() < until:
        seed = draw.choice(pool if draw.random() < 0.4 or not best else [text for _, text in best])
        unit = list(seed[: draw.randint(1, 80)])
        for _ in range(draw.randint(0, 6)):
            at = draw.randrange(len(unit) + 1)
            piece = draw.choice(pool)
            begin = draw.randrange(len(piece))
            unit[at : at + draw.randrange(3)] = piece[begin : begin + draw.randint(1, 6)]
        text = "".join(unit) or "a"
        whole = (text * (size // len(text) + 1))[:size]
        cost = seconds(lambda whole=whole: policy.mask(whole), 1) * MEGABYTE / size  # type: ignore[misc]
        best = sorted([*best, (cost, text)], reverse=True)[:20]
    return best[0][1], best[0][0]


def main() -> None:
    """Measure everything, print it and keep the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work; keep nothing")
    parser.add_argument("--hunt", type=float, metavar="SECONDS", help="only search for a slow text, and print it")
    args = parser.parse_args()
    policy = Policy(names=NAMES)
    policy.warm()
    if args.hunt:
        text, cost = hunt(policy, args.hunt)
        print(f"{cost:.2f} s/MB: {text!r}")
        return
    quiet()
    share = 10 if args.quick else 1
    draw = random.Random(5)
    page = Page("masking", "What masking costs", "python -m bench.masking", keep=not args.quick)
    texts = tokens(draw, prose(draw, 400_000 // share))
    frames(policy, texts[:2000])
    took = frames(policy, texts)
    page.say("All detectors, a hundred names; sentences of the corpus, of which two in three hold a secret.")
    page.rows(
        ["added per streamed frame of one token", "µs"],
        [[what, f"{took[int(len(took) * part)]:.1f}"] for what, part in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99))],
    )
    page.measure("mask_frame", took[len(took) // 2])
    page.rows(
        ["frames in a batch", "frames/s of CPU"],
        [[str(batch), figure(rate(policy, texts, batch))] for batch in (1, 8, 32)],
    )
    rows = []
    for batch in (1, 32):
        without, masked = road(None, batch), road(policy, batch)
        rows.append([str(batch), figure(without), figure(masked)])
    page.rows(["tokens in a read, whole service", "tokens/s of CPU, masking off", "on"], rows)
    rows = []
    for count in (1, 2, 4):
        text = prose(random.Random(count), count * MEGABYTE // share)
        cost = seconds(lambda text=text: policy.mask(text), 1 if args.quick else 3)  # type: ignore[misc]
        rows.append([f"{count / share:g} MB", f"{cost:.2f}", f"{cost * share / count:.2f}"])
    page.rows(["whole text", "s of CPU", "s per MB"], rows)
    rows = []
    for name, unit in HOSTILE.items():
        costs = []
        for size in (MEGABYTE // 8 // share, MEGABYTE // 4 // share):
            text = (unit * (size // len(unit) + 1))[:size]
            costs.append(seconds(lambda text=text: policy.mask(text), 1) * MEGABYTE / size)  # type: ignore[misc]
        rows.append([name, f"{costs[0]:.2f}", f"{costs[1]:.2f}"])
    page.rows(["hostile text", "s per MB, at 1/8 MB", "s per MB, at 1/4 MB"], rows)
    page.save()


if __name__ == "__main__":
    main()
