"""The whole road without a model: how fast maxserve passes on what an engine writes, beside others.

A synthetic upstream (bench/upstream.c) replays llama.cpp's chunks on the load generator's core; the server has a core
of its own. maxserve asks it for raw text and does all its work on it (template, M2's parser, OpenAI's dialect); the
peers relay chat chunks. All subjects run side by side and are loaded in turns.

`python -m bench.relay [--quick] [--without PEER]`; under three minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any, NamedTuple

from maxserve.bench.quantile import Spread, median

from . import stand
from .budget import figure
from .native import Load, Upstream, load, upstream
from .page import Page, quiet
from .process import memory
from .stand import Missing, Subject, settle

FRAMES = 256
"""Tokens per streamed answer."""

WORDS = 16
"""Tokens per whole answer."""

STREAMS = 64
PEERS = {"litellm": stand.litellm, "vllm-router": stand.vllm_router}


class Round(NamedTuple):
    """One subject's turn: what the load generator saw, and the CPU that the server used for it."""

    seen: dict[str, Any]
    cpu: float
    """Share of a core."""


def turns(subjects: Iterable[Subject], rounds: int, once: Callable[[Subject], Round]) -> dict[str, list[Round]]:
    """Run each subject `rounds` times, in turns; each round turns the order around."""
    order = list(subjects)
    found: dict[str, list[Round]] = {subject.name: [] for subject in order}
    for _ in range(rounds):
        for subject in order:
            found[subject.name].append(once(subject))
        order.reverse()
    return found


def saturate(subject: Subject, message: bytes, connections: int, seconds: float) -> Round:
    """Load a subject as much as it takes."""
    running = Load(subject.port, message, connections, seconds, 0.3)
    settle(0.3)
    before = subject.process.cpu()
    seen = running.result()
    return Round(seen, (subject.process.cpu() - before) / seen["seconds"])


def complain(page: Page, found: dict[str, list[Round]], whole: int | None = None) -> None:
    """Say where a subject lost something: a fast relay that drops frames is no relay."""
    for name, rounds in found.items():
        errors = sum(r.seen["errors"] for r in rounds)
        if errors:
            page.say(f"- {name}: {errors} errors, the last with status {rounds[-1].seen['last_bad_status']}")
        if whole is not None and any(r.seen["done"] != r.seen["requests"] for r in rounds):
            page.say(f"- {name}: some streams did not end in [DONE]")
        if whole is not None and 0 <= (least := min(r.seen["least"] for r in rounds)) < whole:
            page.say(f"- {name}: writes {least} events for the {whole} that the engine writes")


def streams(page: Page, subjects: list[Subject], seconds: float, rounds: int) -> None:
    """Measure frames per second, everything as fast as it goes."""
    found = turns(subjects, rounds, lambda s: saturate(s, s.request(FRAMES, stream=True), STREAMS, seconds))
    rows = []
    for name, runs in found.items():
        rates = [max(r.seen["requests"] * FRAMES, r.seen["frames"]) / r.seen["seconds"] for r in runs]
        written = median(r.seen["frames"] / r.seen["seconds"] for r in runs)
        per_core = median(rate / r.cpu for rate, r in zip(rates, runs, strict=True) if r.cpu)
        rows.append([name, _spread(rates), figure(written), f"{median(r.cpu for r in runs):.0%}", figure(per_core)])
        if name == "maxserve":
            page.measure("frames", median(rates))
    page.say(
        f"### Streams: {STREAMS} at once, {FRAMES} tokens each, as fast as they go",
        "",
        "Frames/s are the engine's, one token each, passed on whole: answers/s times tokens, or the events written "
        "where that is more (a slow relay ends few answers).",
    )
    page.rows(["", "frames/s (least to most)", "events/s written", "of its core", "frames per CPU second"], rows)
    complain(page, found, FRAMES)


def singly(page: Page, engine: Upstream, subjects: list[Subject], seconds: float, rounds: int) -> None:
    """Measure what a frame costs that comes alone, as from an engine that is slower than the relay: no batches."""
    engine.pace(0.01, 1)
    found = turns(subjects, rounds, lambda s: saturate(s, s.request(4096, stream=True), STREAMS, seconds))
    engine.pace()
    rows = []
    for name, runs in found.items():
        rate = median(r.seen["frames"] / r.seen["seconds"] for r in runs)
        cost = [r.cpu / (r.seen["frames"] / r.seen["seconds"]) * 1e6 for r in runs if r.seen["frames"]]
        rows.append([name, figure(rate), f"{median(r.cpu for r in runs):.0%}", _spread(cost)])
    page.say(f"### Frames that come one by one: {STREAMS} streams of 100 frames a second each")
    page.rows(["", "frames/s", "of its core", "µs of CPU per frame (least to most)"], rows)
    complain(page, found)


def requests(page: Page, subjects: list[Subject], seconds: float, rounds: int) -> None:
    """Measure whole answers per second from an instant engine."""
    found = turns(subjects, rounds, lambda s: saturate(s, s.request(WORDS, stream=False), STREAMS, seconds))
    rows = []
    for name, runs in found.items():
        rates = [r.seen["requests"] / r.seen["seconds"] for r in runs]
        p99 = median(r.seen["total_us"]["p99"] / 1e3 for r in runs)
        rows.append([name, _spread(rates), f"{median(r.cpu for r in runs):.0%}", f"{p99:.2f}"])
        if name == "maxserve":
            page.measure("requests", median(rates))
    page.say(f"### Whole answers: {STREAMS} at once, {WORDS} tokens each, instant engine")
    page.rows(["", "requests/s (least to most)", "of its core", "p99 ms at saturation"], rows)
    complain(page, found)


def first_byte(page: Page, engine: Subject, subjects: list[Subject], seconds: float, rounds: int) -> None:
    """Measure what each adds to the time to the first byte, alone on the machine."""
    found = turns(
        [engine, *subjects],
        rounds,
        lambda s: Round(load(s.port, s.request(WORDS, stream=True), 1, seconds, 0.2), 0.0),
    )

    def times(name: str, which: str) -> list[float]:
        return [r.seen["first_us"][which] / 1e3 for r in found[name]]

    rows = [
        [engine.name, f"{median(times(engine.name, 'p50')):.3f}", f"{median(times(engine.name, 'p99')):.3f}", "", ""]
    ]
    for subject in subjects:
        added = {
            which: Spread.of_differences(times(subject.name, which), times(engine.name, which))
            for which in ("p50", "p99")
        }
        cells = [f"{a.median:+.3f} ({a.least:+.3f} to {a.most:+.3f})" for a in added.values() if a is not None]
        rows.append([subject.name, *(f"{median(times(subject.name, which)):.3f}" for which in added), *cells])
        if subject.name == "maxserve":
            for which, spread in added.items():
                if spread is not None:
                    page.measure(f"added_{which}", spread.median)
    page.say("### Time to the first byte, one stream at a time, ms")
    page.rows(["", "p50", "p99", "added p50", "added p99"], rows)
    complain(page, found)


def idle(page: Page, subjects: list[Subject]) -> None:
    """Weigh each server before anything was asked of it."""
    rows = []
    for subject in subjects:
        value = subject.process.memory() / 1e6
        rows.append([subject.name, f"{value:.0f}"])
        if subject.name == "maxserve":
            page.measure("idle", memory(subject.process.pid) / 1e6)
    page.say("### Memory before the first request")
    page.rows(["", "MB resident"], rows)


def paced(page: Page, engine: Upstream, peers: Iterable[str], count: int, seconds: float) -> None:
    """Weigh open streams that write two frames a second each, in fresh processes and one subject after the other.

    The first wave pays for the growth of the heap, the second shows what a process that has served needs.
    """
    rows = []
    starts = [(lambda: stand.maxserve(stand.relay_config(engine.port), "--without", "m3"), count)]
    # LiteLLM's streams are dear: so many as it holds.
    starts += [
        ((lambda peer=PEERS[name]: peer(engine.port)), count // 5 if name == "litellm" else count) for name in peers
    ]
    for start, many in starts:
        try:
            with start() as subject:
                load(subject.port, subject.request(WORDS, stream=True), 1, 0.2)
                engine.pace(0.5, 1)
                for _ in range(2):
                    settle(1.0)
                    before = subject.process.memory()
                    running = Load(subject.port, subject.request(4096, stream=True), many, seconds)
                    settle(seconds * 0.6)
                    cpu = subject.process.cpu()
                    settle(seconds * 0.3)
                    weight = (subject.process.memory() - before) / many / 1e3
                    share = (subject.process.cpu() - cpu) / (seconds * 0.3)
                    seen = running.result()
                    rows.append([subject.name, str(seen["open"]), f"{weight:.1f}", f"{share:.0%}", str(seen["errors"])])
                    if subject.name == "maxserve" and "stream_memory" not in page.values:
                        page.measure("stream_memory", weight)
        except Missing as error:
            page.say(f"- skipped: {error}")
        engine.pace()
    page.say("### Open streams of two frames a second each; two waves, one after the other, in a fresh process")
    page.rows(["", "streams", "kB for each", "of its core", "errors"], rows)


def run(quick: bool = False, without: Iterable[str] = ()) -> None:
    """Measure everything and write the section."""
    quiet()
    page = Page("relay", "The whole road, synthetic engine", "python -m bench.relay", keep=not quick)
    page.say(
        "Upstream and load generator: C, epoll, on one core; each server on the other. "
        "maxserve reads raw text and parses it, the peers pass chat chunks on.",
        "",
    )
    seconds, rounds = (0.5, 1) if quick else (2.0, 3)
    peers = [name for name in PEERS if name not in without]
    with upstream() as engine:
        with ExitStack() as stack:
            subjects = [stack.enter_context(stand.maxserve(stand.relay_config(engine.port), "--without", "m3"))]
            for name in peers:
                try:
                    subjects.append(stack.enter_context(PEERS[name](engine.port)))
                except Missing as error:
                    page.say(f"- skipped: {error}")
            settle()
            idle(page, subjects)
            # What leaves the most work behind in a slow relay comes last.
            first_byte(page, stand.direct(engine.port), subjects, seconds * 0.8, rounds)
            requests(page, subjects, seconds, rounds)
            streams(page, subjects, seconds, rounds)
            singly(page, engine, subjects, seconds, rounds)
        paced(page, engine, peers, 100 if quick else 1000, 2.0 if quick else 5.0)
    page.save()


def _spread(values: list[float]) -> str:
    spread = Spread.of(values)
    if spread is None:
        return "-"
    return f"{figure(spread.median)} ({figure(spread.least)} to {figure(spread.most)})"


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short run that only shows that everything works")
    parser.add_argument("--without", action="append", default=[], choices=PEERS, help="leave a peer out; repeatable")
    args = parser.parse_args()
    run(args.quick, args.without)


if __name__ == "__main__":
    main()
